/** What the specifications ask of a client that meets a fault: by this its outcome is judged. */
import type { Success } from './outcome.js';

export interface Truth {
  /**
   * - `notice`: an error is the only right outcome.
   * - `accept`: the message is sound, or its damage is beyond what a client can see: success is the only right one.
   * - `either`: both are right.
   */
  readonly client: 'notice' | 'accept' | 'either';
  /** Where that is said, or why. */
  readonly because: string;
  /** Only clients that undo content codings can notice. */
  readonly ifDecoding?: true;
  /** What is wrong with a success; undefined when it is as it should be. */
  readonly wrong?: (success: Success) => string | undefined;
}

/** The body of a sound answer. */
export const ten = '0123456789';

/** A success with this body. */
function hasBody(body: string): NonNullable<Truth['wrong']> {
  return (success) => (success.body === body ? undefined : `a body of ${String(success.length)} bytes`);
}

/** A success with a body of this length. */
function hasLength(length: number): NonNullable<Truth['wrong']> {
  return (success) => (success.length === length ? undefined : `a body of ${String(success.length)} bytes`);
}

/** A success with the ten bytes, and with a field that is as described. */
function hasField(name: string, pattern: RegExp): NonNullable<Truth['wrong']> {
  return (success) =>
    hasBody(ten)(success) ?? (pattern.test(String(success.headers[name])) ? undefined : `${name} as it was sent`);
}

function notice(because: string): Truth {
  return { client: 'notice', because };
}

function accept(because: string, wrong: Truth['wrong'] = hasBody(ten)): Truth {
  return { client: 'accept', because, wrong };
}

function either(because: string, wrong: Truth['wrong'] = hasBody(ten)): Truth {
  return { client: 'either', because, wrong };
}

const noAnswer = notice('There is no answer.');
const slow = accept('It is only slow.');
const incomplete = notice('Incomplete: RFC 9112, 8.');
const noStatusLine = notice('No status line: RFC 9112, 4.');
const endless = notice('It never ends: somebody has to give up.');
const silent = notice('It never comes: somebody has to give up.');
const badCoding: Truth = { ...notice('The content is not in its coding: RFC 9110, 8.4.'), ifDecoding: true };

/** By the name of the fault. */
export const httpTruths: Readonly<Record<string, Truth>> = {
  empty_response: noAnswer,
  malformed_response_chunk: notice('No chunk: RFC 9112, 7.1.'),
  random_data_then_close: noStatusLine,
  connection_reset_by_peer: noAnswer,
  fixed_delay: slow,
  chunked_dribble_delay: accept('It is only slow.', hasLength(100)),

  latency: slow,
  bandwidth: accept('It is only slow.', hasLength(32 * 1024)),
  slow_close: accept('The message has its length.'),
  timeout: silent,
  reset_peer: noAnswer,
  slicer: accept('It is only slow.', hasLength(500)),
  limit_data: incomplete,
  down: noAnswer,

  close_connection: noAnswer,
  reset_connection: noAnswer,
  delay: slow,

  content_length_too_long: incomplete,
  content_length_too_short: either(
    'What is behind the message is no part of it: RFC 9112, 6.3 and 9.2.',
    hasBody('01234'),
  ),
  content_length_twice: notice('To be discarded: RFC 9112, 6.3.'),
  content_length_and_transfer_encoding: either('The chunks count, and an error is as good: RFC 9112, 6.3.'),
  bad_chunk_size: notice('No chunk: RFC 9112, 7.1.'),
  huge_chunk_size: notice('No overflow: RFC 9112, 7.1.'),
  missing_last_chunk: incomplete,
  bare_lf: either('LF may do for CR LF: RFC 9112, 2.2.'),
  obs_fold: accept('The fold is to become spaces: RFC 9112, 5.2.', hasField('x-folded', /^one +two$/)),
  duplicate_status_line: either('No field line, and nothing says what to do: RFC 9112, 5.'),
  nul_in_header: either('To be refused, or replaced by a space: RFC 9110, 5.5.', hasField('x-nul', /^[^\0]*$/)),
  wrong_version: either('Another syntax, perhaps: RFC 9110, 2.5.'),
  not_http: noStatusLine,
  early_fin: incomplete,
  half_close: accept('The message has its length.'),
  rst_after_bytes: incomplete,
  truncated_gzip: badCoding,
  corrupt_gzip: badCoding,
  wrong_content_encoding: badCoding,
  wrong_charset: accept('HTTP does not care; text has U+FFFD there.', hasLength(4)),
  wrong_content_type: accept('HTTP does not care.', hasLength(15)),
  bit_flip: accept('Nothing in HTTP tells.', hasLength(1024)),
  stalled_headers: silent,
  stalled_body: silent,
  slow_headers: slow,
  endless_headers: endless,
  endless_header_field: endless,
  endless_informational: endless,
  endless_body: endless,
  two_responses: accept('The second answers nothing that was asked: RFC 9112, 9.2.'),
};

const badCertificate = notice('Not to be trusted: RFC 5280, 6.1.');
const noHandshake = notice('There is no handshake.');

/** By the name of the fault. */
export const tlsTruths: Readonly<Record<string, Truth>> = {
  expired: badCertificate,
  'not-yet-valid': badCertificate,
  'wrong-host': notice('Not who was asked for: RFC 9110, 4.3.4.'),
  'self-signed': badCertificate,
  'untrusted-authority': badCertificate,
  'weak-key': either('For the client to decide.'),
  'missing-intermediate': either('The certificate that is missing may be had elsewhere.'),
  revoked: either('Who could tell is not there: for the client to decide.'),
  alert: noHandshake,
  'alert-internal-error': noHandshake,
  'alert-protocol-version': noHandshake,
  'alert-unrecognized-name': noHandshake,
  'alert-close-notify': noHandshake,
  close: noHandshake,
  reset: noHandshake,
  stall: silent,
  garbage: noHandshake,
  'plain-http': noHandshake,
  truncated: noHandshake,
  'tls1.0-only': notice('Not to be negotiated: RFC 8996.'),
  'tls1.1-only': notice('Not to be negotiated: RFC 8996.'),
  'tls1.2-only': accept('Nothing is wrong.'),
  'tls1.3-only': accept('Nothing is wrong.'),
  none: accept('Nothing is wrong.'),
};
