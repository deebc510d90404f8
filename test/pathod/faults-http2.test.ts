/** What each named fault does over HTTP/2, as Node's own client sees it: every one over a real connection. */
import { connect } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faults } from '../../src/language/index.js';
import { startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { SkippingClock } from '../kit/skipping-clock.js';

/** What a client has seen of one answer. */
interface Seen {
  headers: Readonly<Record<string, unknown>>;
  /** Informational responses. */
  informational: number;
  body: Buffer;
  /** The answer is over, in order or not. */
  over: boolean;
  /** What went wrong with the stream. */
  error: string;
  /** The connection is over. */
  closed: boolean;
  /** Seconds until then, those that were skipped among them. */
  seconds: number;
}

/** How it ends. */
type Ending =
  /** The stream ends in order, and the connection takes the next request. */
  | 'next'
  /** The client refuses the stream, and the connection takes the next request. */
  | 'refused'
  /** The connection is closed. */
  | 'closed'
  /** The stream stays open, and the connection takes the next request. */
  | 'waiting'
  /** The connection stands still. */
  | 'silence'
  /** It goes on and on, until the client leaves. */
  | 'endless';

interface Expected {
  readonly ending: Ending;
  /** All of the body; nothing without it. */
  readonly body?: RegExp;
  /** Whether header fields come. Default: when there is a body. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly error?: RegExp;
  readonly seconds?: number;
  readonly check?: (seen: Seen) => void;
}

const ten = /^0123456789$/;
const closed: Expected = { ending: 'closed' };
const afterASecond: Expected = { ending: 'next', body: ten, seconds: 1 };
const refused: Expected = { ending: 'refused', error: /PROTOCOL_ERROR/ };
const enough = 300_000;

const expected: Readonly<Record<string, Expected>> = {
  empty_response: closed,
  connection_reset_by_peer: closed,
  fixed_delay: afterASecond,
  chunked_dribble_delay: { ending: 'next', body: /^[^]{100}$/, seconds: 2.5 },
  latency: afterASecond,
  bandwidth: { ending: 'next', body: /^[^]{32768}$/, seconds: 3 },
  slow_close: { ending: 'closed', body: ten, seconds: 5 },
  timeout: { ending: 'waiting' },
  reset_peer: { ...closed, seconds: 1 },
  slicer: { ending: 'next', body: /^[^]{500}$/, seconds: 2 },
  limit_data: { ending: 'closed', body: /^[^]{1000}$/, headers: { 'content-length': '10240' } },
  down: closed,
  close_connection: closed,
  reset_connection: closed,
  delay: afterASecond,
  content_length_too_long: { ...refused, body: ten, headers: { 'content-length': '20' } },
  content_length_too_short: { ...refused, headers: { 'content-length': '5' } },
  content_length_twice: refused,
  // Node's client drops the field, and takes the rest.
  nul_in_header: { ending: 'next', body: ten },
  early_fin: { ending: 'closed', body: /^01234$/, headers: { 'content-length': '10' } },
  half_close: { ending: 'closed', body: ten },
  rst_after_bytes: { ending: 'closed', body: /^[^]{1000}$/, error: /ECONNRESET/, seconds: 0.2 },
  truncated_gzip: {
    ending: 'next',
    body: /^\x1f\x8b[^]{23}$/,
    headers: { 'content-encoding': 'gzip' },
    check: ({ body }) => {
      expect(() => gunzipSync(body)).toThrow('unexpected end of file');
    },
  },
  corrupt_gzip: {
    ending: 'next',
    body: /^\x1f\x8b[^]{31}$/,
    headers: { 'content-encoding': 'gzip' },
    check: ({ body }) => {
      expect(() => gunzipSync(body)).toThrow('incorrect data check');
      const right = Buffer.from(body);
      right.writeUInt8(right.readUInt8(25) ^ 1, 25);
      expect(gunzipSync(right).toString()).toBe('0123456789');
    },
  },
  wrong_content_encoding: { ending: 'next', body: /^This is plain text\.$/, headers: { 'content-encoding': 'gzip' } },
  wrong_charset: { ending: 'next', body: /^caf\xe9$/, headers: { 'content-type': 'text/plain; charset=utf-8' } },
  wrong_content_type: { ending: 'next', body: /^<p>Not JSON<\/p>$/, headers: { 'content-type': 'application/json' } },
  bit_flip: { ending: 'next', body: /^[^]{1024}$/ },
  stalled_headers: { ending: 'silence' },
  stalled_body: { ending: 'waiting', body: /^01234$/, headers: { 'content-length': '10' } },
  slow_headers: { ending: 'next', body: ten, seconds: 1 },
  endless_headers: { ending: 'closed', error: /CONTINUATION/ },
  endless_informational: { ending: 'endless', seconds: 50 },
  endless_body: { ending: 'endless', body: /^[^]{300000}/ },
  two_responses: { ending: 'next', body: ten },
};

/** Node's client says nothing about these; what they send is looked at below. */
const seenByFrames = ['random_data_then_close', 'endless_header_field'];

test('every fault that HTTP/2 has is here, and no other', () => {
  const those = faults.filter(({ http2 }) => http2 !== undefined).map(({ name }) => name);
  expect([...Object.keys(expected), ...seenByFrames].sort()).toEqual(those.sort());
});

/** Asks for a fault, and for something else once `isEnough` is true of what was seen. */
async function meet(name: string, ending: Ending): Promise<Seen> {
  const clock = new SkippingClock();
  const daemon = await startDaemon({ h2c: true, anchors: [['/next', '201']], seed: 1 }, { clock });
  const session = connect(daemon.url());
  onTestFinished(() => {
    session.destroy();
  });
  const start = clock.now();
  const seen: Seen = {
    headers: {},
    informational: 0,
    body: Buffer.alloc(0),
    over: false,
    error: '',
    closed: false,
    seconds: 0,
  };
  let look: (change: Partial<Seen>) => void = () => undefined;
  const until = (isEnough: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = (change): void => {
        Object.assign(seen, change, { seconds: (clock.now() - start) / 1000 });
        if (isEnough()) resolve();
      };
      if (isEnough()) resolve();
    });
  const fail = ({ message }: Error): void => {
    look({ error: seen.error + message });
  };
  session.on('error', fail).on('close', () => {
    look({ closed: true });
  });
  const stream = session.request({ ':path': `/p/fault:${name}` });
  stream.on('headers', () => {
    look({ informational: seen.informational + 1 });
  });
  stream.on('response', (headers) => {
    look({ headers });
  });
  stream.on('data', (chunk: Buffer) => {
    look({ body: Buffer.concat([seen.body, chunk]) });
  });
  stream.on('error', fail).on('close', () => {
    look({ over: true });
  });
  const length = expected[name]?.body === undefined ? 0 : 5;
  await until(() => {
    if (ending === 'closed') return seen.closed && seen.over;
    if (ending === 'endless') return seen.body.length >= enough || seen.informational >= enough / 600;
    return ending === 'waiting' || ending === 'silence' ? seen.body.length >= length : seen.over;
  });
  if (ending === 'silence') await clock.untilForever();
  else if (ending !== 'closed' && ending !== 'endless') {
    const next = session.request({ ':path': '/next' });
    const status = await new Promise((resolve, reject) => {
      next.on('response', (headers) => {
        resolve(headers[':status']);
      });
      next.on('error', reject);
    });
    expect(status).toBe(201);
  }
  return seen;
}

describe('a fault does over HTTP/2 what it says', () => {
  test.each(Object.entries(expected))('%s', async (name, { ending, body, headers, error, seconds = 0, check }) => {
    const seen = await meet(name, ending);
    expect(seen.body.toString('latin1')).toMatch(body ?? /^$/);
    if (body) expect(seen.headers[':status']).toBe(200);
    if (body) expect(seen.headers).toMatchObject(headers ?? {});
    expect(seen.error).toMatch(error ?? /^$/);
    expect(seen.over).toBe(!['waiting', 'silence', 'endless'].includes(ending));
    expect(seen.seconds).toBeGreaterThanOrEqual(seconds);
    check?.(seen);
  });

  test.each(['connection_reset_by_peer', 'reset_connection', 'reset_peer', 'rst_after_bytes'])(
    '%s is a TCP reset',
    async (name) => {
      const daemon = await startDaemon({ h2c: true }, { clock: new SkippingClock() });
      const client = await http2Peer(daemon.port);
      client.request(`/p/fault:${name}`);
      await client.peer.closed();
      expect(client.peer.error?.code).toBe('ECONNRESET');
    },
  );

  test('random_data_then_close', async () => {
    const daemon = await startDaemon({ h2c: true, seed: 1 });
    const client = await http2Peer(daemon.port);
    client.request('/p/fault:random_data_then_close');
    await client.peer.untilEnd();
    expect(client.events.filter(({ type }) => type === 'headers')).toEqual([]);
    const [record] = await daemon.expectLog(1);
    expect(record).toMatchObject({ type: 'crafted' });
  });

  test('endless_header_field', async () => {
    const daemon = await startDaemon({ h2c: true });
    const client = await http2Peer(daemon.port);
    client.request('/p/fault:endless_header_field');
    await client.until(() => client.failure !== undefined);
    expect(client.failure).toBeInstanceOf(Error);
    expect(client.frames.filter(({ type }) => type === 0x09).length).toBeGreaterThan(3);
  });
});

describe('a fault that HTTP/1 alone has', () => {
  const those = faults.filter(({ http2 }) => http2 === undefined).map(({ name }) => name);
  test.each(those)('%s says so over HTTP/2', async (name) => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/x', `fault:${name}`]] });
    const client = await http2Peer(daemon.port);
    const page = `fault:${name} exists only over HTTP/1: ask with HTTP/1.1, or start pathod with --no-http2`;
    expect(await client.ask('/x')).toContain(page);
    expect(await client.ask(`/p/fault:${name}`)).toMatch(/^800 /);
  });
});
