/**
 * Faults by name: `fault:NAME` stands for a spec. The first three groups have the names that WireMock,
 * Toxiproxy and mockttp gave them.
 */
import { SpecError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import { skipSpace } from './scan.js';

/** A spec with a name. */
export interface Fault {
  readonly name: string;
  readonly spec: string;
  /** One line of help. */
  readonly help: string;
}

const ten = "b'0123456789'";

/** A status line, then messages of which nothing is left but a field that is put in. */
const endlessHeaders = "200:r:eh,2 200:r:e0,100:i0,'X-Endless: ':i0,@1k,ascii_letters:i0,'\\r\\n':x999999";

const table: readonly (readonly [name: string, spec: string, help: string])[] = [
  ['empty_response', '200:d0', 'Closes without a byte of an answer.'],
  [
    'malformed_response_chunk',
    "200:r:h'Transfer-Encoding'='chunked':b@64,punctuation:da",
    'A good head that promises chunks, then garbage, then the end.',
  ],
  ['random_data_then_close', '200:i0,@512:d0', 'Random bytes in place of an answer, then the end.'],
  ['connection_reset_by_peer', '200:d0,rst', 'A TCP reset in place of an answer.'],

  ['fixed_delay', `200:${ten}:p0,1`, 'Answers after a second.'],
  ['chunked_dribble_delay', '200:b@100,ascii:k20:wb,50', 'Five chunks that drip in within two seconds and a half.'],

  ['latency', `200:${ten}:p0,1`, 'Answers after a second.'],
  ['bandwidth', '200:b@32k,ascii:w0,10k', '32 KiB at 10 KiB a second.'],
  ['slow_close', `200:${ten}:pa,5:da`, 'A whole answer; the connection closes five seconds later.'],
  ['timeout', '200:p0,f', 'Never answers, never closes.'],
  ['reset_peer', '200:p0,1:d0,rst', 'A TCP reset after a second.'],
  ['slicer', '200:b@500,ascii:w0,200', 'Sent in slices of ten bytes.'],
  ['limit_data', '200:b@10k,ascii:db+1000', 'Closes after 1000 bytes of a body of 10 KiB.'],
  ['down', '200:d0', 'Closes as if nobody were there.'],

  ['close_connection', '200:d0', 'Closes without a byte of an answer.'],
  ['reset_connection', '200:d0,rst', 'A TCP reset in place of an answer.'],
  ['delay', `200:${ten}:p0,1`, 'Answers after a second.'],

  ['content_length_too_long', `200:${ten}:h'Content-Length'='20':da`, 'Promises 20 bytes, sends 10, closes.'],
  ['content_length_too_short', `200:${ten}:h'Content-Length'='5'`, 'Promises 5 bytes and sends 10.'],
  ['content_length_twice', `200:${ten}:h'Content-Length'='10':h'Content-Length'='5'`, 'Two lengths that do not agree.'],
  [
    'content_length_and_transfer_encoding',
    `200:${ten}:k5:h'Content-Length'='3'`,
    'Chunks and a length: the chunks are to be believed.',
  ],
  ['bad_chunk_size', `200:${ten}:k5:ob,'z'`, 'A chunk whose size is no number.'],
  ['huge_chunk_size', `200:${ten}:k10:ib,'ffffffffffffffff'`, 'A chunk size beyond 64 bits.'],
  ['missing_last_chunk', `200:${ten}:k5:db+20`, 'Closes after all the data, before the last chunk.'],
  [
    'bare_lf',
    "200:r:e0,100:i0,'HTTP/1.1 200 OK\\nContent-Length: 10\\n\\n0123456789'",
    'Lines that end in LF without CR.',
  ],
  ['obs_fold', `200:${ten}:h'X-Folded'='one\\r\\n two'`, 'A field folded over two lines, as RFC 9112 forbids.'],
  ['duplicate_status_line', `200:${ten}:ih,'HTTP/1.1 200 OK\\r\\n'`, 'The status line twice.'],
  ['nul_in_header', `200:${ten}:h'X-Nul'='a\\x00b'`, 'A NUL in a field value.'],
  ['wrong_version', `200:${ten}:vHTTP/9.9`, 'A version of HTTP that does not exist.'],
  ['not_http', `200:${ten}:vSSH-2.0`, 'A start line of another protocol.'],
  ['early_fin', `200:${ten}:db+5,fin`, 'Ends our side in the middle of the body, and reads on.'],
  ['half_close', `200:${ten}:da,fin`, 'A whole answer, then the end of our side, and reads on.'],
  [
    'rst_after_bytes',
    '200:b@10k,ascii:pb+1000,0.2:db+1000,rst',
    'A TCP reset after 1000 bytes of the body, once they had time to be read.',
  ],
  [
    'truncated_gzip',
    "200:b@1k,ascii_letters:zgzip:h'Content-Length'='100':eb+100,2000",
    'The first 100 bytes of a gzip stream, in a message that is complete.',
  ],
  ['corrupt_gzip', '200:b@1k,ascii_letters:zgzip:~b+100', 'A gzip stream with one bit wrong.'],
  [
    'wrong_content_encoding',
    "200:h'Content-Encoding'='gzip':b'This is plain text.'",
    'Plain text that claims to be gzip.',
  ],
  ['wrong_charset', "200:c'text/plain; charset=utf-8':b'caf\\xe9'", 'ISO 8859-1 that claims to be UTF-8.'],
  ['wrong_content_type', "200:c'application/json':b'<p>Not JSON</p>'", 'HTML that claims to be JSON.'],
  ['bit_flip', '200:b@1k,ascii:~br', 'One bit of the body wrong.'],
  ['stalled_headers', `200:${ten}:ph,f`, 'A status line, and nothing more.'],
  ['stalled_body', `200:${ten}:pb+5,f`, 'Half a body, and nothing more.'],
  ['slow_headers', `200:${ten}:w0,20`, 'Twenty bytes a second.'],
  ['endless_headers', endlessHeaders, 'Field after field, a kilobyte each, a million of them.'],
  ['endless_header_field', "200:h'X-Endless'=@1t,ascii_letters", 'A field that goes on for a tebibyte.'],
  [
    'endless_informational',
    `102:r:m'Processing':p0,0.1:x999999 200:${ten}`,
    'Ten 102 a second for a day, then an answer.',
  ],
  ['endless_body', '200:r:b@1t,ascii:wb,10m', 'A body without a length that goes on for a day, at 10 MiB a second.'],
  ['two_responses', `200:${ten} 200:b'unasked for':p0,0.1`, 'Two answers to one request, the second a moment later.'],
];

/** The faults that everybody has, in the order in which they are listed. */
export const faults: readonly Fault[] = table.map(([name, spec, help]) => ({ name, spec, help }));

const lead = 'fault';

/**
 * What `fault:NAME` stands for; undefined for any other text. Case, `-` and `_` make no difference in names, and
 * neither does `then`, with which mockttp begins them.
 * @param own further faults, name to spec; they come before those of {@link faults}
 * @throws {SpecError} for a name that is not known
 */
export function specOfFault(text: string, own: Readonly<Record<string, string>> = {}): string | undefined {
  const start = skipSpace(text, 0);
  const colon = skipSpace(text, start + lead.length);
  if (!text.startsWith(lead, start) || text.charAt(colon) !== ':') return undefined;
  const at = skipSpace(text, colon + 1);
  const written = text.slice(at).trimEnd();
  const known = [...Object.entries(own), ...faults.map(({ name, spec }) => [name, spec] as const)];
  const found = known.find(([name]) => isCalled(name, written));
  if (found) return found[1];
  throw unknownFault(text, at, known);
}

function unknownFault(spec: string, offset: number, known: readonly (readonly [string, string])[]): SpecError {
  const written = spec.slice(offset).trimEnd();
  const expected = ['the name of a fault; pathod --faults lists them'];
  if (written === '') return new SpecError('fault: needs a name', { spec, offset, expected });
  const alone = known.map(([name]) => name).find((name) => isFollowed(name, written));
  if (alone !== undefined) {
    const message = `nothing may stand behind fault:${alone}; begin with the spec that it stands for`;
    return new SpecError(message, { spec, offset: offset + alone.length, expected: ['the end'] });
  }
  const message = `no fault is called ${JSON.stringify(written.slice(0, 40))}`;
  const suggestion = nearest(
    written.toLowerCase(),
    known.map(([name]) => name),
  );
  if (suggestion === undefined)
    return new SpecError(`${message}; pathod --faults lists them`, { spec, offset, expected });
  return new SpecError(`${message}; did you mean ${suggestion}?`, { spec, offset, expected, suggestion });
}

/** Whether a text is a name, and then something that looks like a clause or a message. */
function isFollowed(name: string, written: string): boolean {
  return isCalled(name, written.slice(0, name.length)) && /^\s*[:\s]/.test(written.slice(name.length));
}

function isCalled(name: string, written: string): boolean {
  return plain(name) === plain(written);
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_]/g, '')
    .replace(/^then(?=.)/, '');
}
