/** What each named fault puts on the wire, and how it leaves: every one over a real socket. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OptionError } from '../../src/errors.js';
import { faults } from '../../src/language/index.js';
import { ask, get, open, startDaemon } from '../kit/daemon.js';
import { http2Peer } from '../kit/http2-peer.js';
import { runProgram } from '../kit/program.js';
import { SkippingClock } from '../kit/skipping-clock.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

/** How an answer ends. */
type Ending =
  /** The connection serves the next request. */
  | 'next'
  /** The daemon closes. */
  | 'end'
  /** A TCP reset. */
  | 'reset'
  /** The daemon ends its side, and goes on reading. */
  | 'half'
  /** Nothing more is sent, and the connection stays. */
  | 'silence'
  /** It goes on and on. */
  | 'endless';

interface Expected {
  /** All bytes that are sent, a character a byte; when they are endless, the first of them. */
  readonly sent: RegExp;
  readonly ending: Ending;
  /** Seconds that it takes, when time has a part in it: at least so many. */
  readonly seconds?: number;
  /** What else is to be seen in the bytes. */
  readonly check?: (bytes: Buffer) => void;
}

const ok = 'HTTP/1\\.1 200 OK\\r\\n';
const ten = '0123456789';
const whole = new RegExp(`^${ok}Content-Length: 10\\r\\n\\r\\n${ten}$`);

/** An answer whose head has these fields, as the source of a regular expression, and this body. */
function answer(fields: readonly string[], body: string): RegExp {
  return new RegExp(`^${ok}${fields.map((field) => `${field}\\r\\n`).join('')}\\r\\n${body}$`);
}

function bodyOf(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
}

const nothing: Expected = { sent: /^$/, ending: 'end' };
const reset: Expected = { sent: /^$/, ending: 'reset' };
const afterASecond: Expected = { sent: whole, ending: 'next', seconds: 1 };

const expected: Readonly<Record<string, Expected>> = {
  empty_response: nothing,
  malformed_response_chunk: {
    sent: answer(['Transfer-Encoding: chunked'], '[!-/:-@[-`{-~]{64}'),
    ending: 'end',
  },
  random_data_then_close: { sent: /^[^]{512}$/, ending: 'end' },
  connection_reset_by_peer: reset,
  fixed_delay: afterASecond,
  chunked_dribble_delay: {
    sent: answer(['Transfer-Encoding: chunked'], '(14\\r\\n[^]{20}\\r\\n){5}0\\r\\n\\r\\n'),
    ending: 'next',
    seconds: 2.5,
  },

  latency: afterASecond,
  bandwidth: { sent: answer(['Content-Length: 32768'], '[^]{32768}'), ending: 'next', seconds: 3 },
  slow_close: { sent: whole, ending: 'end', seconds: 5 },
  timeout: { sent: /^$/, ending: 'silence' },
  reset_peer: { ...reset, seconds: 1 },
  slicer: { sent: answer(['Content-Length: 500'], '[^]{500}'), ending: 'next', seconds: 2 },
  limit_data: { sent: answer(['Content-Length: 10240'], '[^]{1000}'), ending: 'end' },
  down: nothing,

  close_connection: nothing,
  reset_connection: reset,
  delay: afterASecond,

  content_length_too_long: { sent: answer(['Content-Length: 20'], ten), ending: 'end' },
  content_length_too_short: { sent: answer(['Content-Length: 5'], ten), ending: 'next' },
  content_length_twice: { sent: answer(['Content-Length: 10', 'Content-Length: 5'], ten), ending: 'next' },
  content_length_and_transfer_encoding: {
    sent: answer(
      ['Content-Length: 3', 'Transfer-Encoding: chunked'],
      '5\\r\\n01234\\r\\n5\\r\\n56789\\r\\n0\\r\\n\\r\\n',
    ),
    ending: 'next',
  },
  bad_chunk_size: {
    sent: answer(['Transfer-Encoding: chunked'], 'z\\r\\n01234\\r\\n5\\r\\n56789\\r\\n0\\r\\n\\r\\n'),
    ending: 'next',
  },
  huge_chunk_size: {
    sent: answer(['Transfer-Encoding: chunked'], `f{16}a\\r\\n${ten}\\r\\n0\\r\\n\\r\\n`),
    ending: 'next',
  },
  missing_last_chunk: {
    sent: answer(['Transfer-Encoding: chunked'], '5\\r\\n01234\\r\\n5\\r\\n56789\\r\\n'),
    ending: 'end',
  },
  bare_lf: { sent: new RegExp(`^HTTP/1\\.1 200 OK\\nContent-Length: 10\\n\\n${ten}$`), ending: 'next' },
  obs_fold: { sent: answer(['X-Folded: one\\r\\n two', 'Content-Length: 10'], ten), ending: 'next' },
  duplicate_status_line: { sent: answer(['HTTP/1\\.1 200 OK', 'Content-Length: 10'], ten), ending: 'next' },
  nul_in_header: { sent: answer(['X-Nul: a\\0b', 'Content-Length: 10'], ten), ending: 'next' },
  wrong_version: {
    sent: new RegExp(`^HTTP/9\\.9 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n${ten}$`),
    ending: 'next',
  },
  not_http: { sent: new RegExp(`^SSH-2\\.0 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n${ten}$`), ending: 'next' },
  early_fin: { sent: answer(['Content-Length: 10'], '01234'), ending: 'half' },
  half_close: { sent: whole, ending: 'half' },
  rst_after_bytes: { sent: answer(['Content-Length: 10240'], '[^]{1000}'), ending: 'reset', seconds: 0.2 },
  truncated_gzip: {
    sent: answer(['Content-Length: 100', 'Content-Encoding: gzip'], '\\x1f\\x8b[^]{98}'),
    ending: 'next',
    check: (bytes) => {
      expect(() => gunzipSync(bodyOf(bytes))).toThrow('unexpected end of file');
    },
  },
  corrupt_gzip: {
    sent: answer(['Content-Encoding: gzip', 'Content-Length: \\d+'], '\\x1f\\x8b[^]{700,1100}'),
    ending: 'next',
    check: (bytes) => {
      expect(() => gunzipSync(bodyOf(bytes))).toThrow();
    },
  },
  wrong_content_encoding: {
    sent: answer(['Content-Encoding: gzip', 'Content-Length: 19'], 'This is plain text\\.'),
    ending: 'next',
  },
  wrong_charset: {
    sent: answer(['Content-Type: text/plain; charset=utf-8', 'Content-Length: 4'], 'caf\\xe9'),
    ending: 'next',
  },
  wrong_content_type: {
    sent: answer(['Content-Type: application/json', 'Content-Length: 15'], '<p>Not JSON</p>'),
    ending: 'next',
  },
  bit_flip: { sent: answer(['Content-Length: 1024'], '[^]{1024}'), ending: 'next' },
  stalled_headers: { sent: new RegExp(`^${ok}$`), ending: 'silence' },
  stalled_body: { sent: answer(['Content-Length: 10'], '01234'), ending: 'silence' },
  slow_headers: { sent: whole, ending: 'next', seconds: 2 },
  endless_headers: { sent: new RegExp(`^${ok}(X-Endless: [A-Za-z]{1024}\\r\\n){500}`), ending: 'endless' },
  endless_header_field: { sent: new RegExp(`^${ok}X-Endless: [A-Za-z]{500000}`), ending: 'endless' },
  endless_informational: { sent: /^(HTTP\/1\.1 102 Processing\r\n\r\n){500}/, ending: 'endless', seconds: 50 },
  endless_body: { sent: new RegExp(`^${ok}\\r\\n[^]{500000}`), ending: 'endless' },
  two_responses: {
    sent: new RegExp(`^${ok}Content-Length: 10\\r\\n\\r\\n${ten}${ok}Content-Length: 11\\r\\n\\r\\nunasked for$`),
    ending: 'next',
  },
};

test('every fault is here, and no other', () => {
  expect(Object.keys(expected)).toEqual(faults.map(({ name }) => name));
});

const nextAnswer = 'HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nnext';

/** Bytes after which an endless answer is left. */
const enough = 600_000;

/** What a fault does, seen from the other end of a connection. */
async function observe(name: string, ending: Ending, sent: RegExp): Promise<{ bytes: Buffer; seconds: number }> {
  const clock = new SkippingClock();
  const daemon = await startDaemon({ anchors: [['/next', "201:b'next'"]], seed: 1 }, { clock });
  const peer = await open(daemon);
  const start = clock.now();
  peer.send(get(`/p/fault:${name}`));
  const seen = (bytes: Buffer): { bytes: Buffer; seconds: number } => ({
    bytes,
    seconds: (clock.now() - start) / 1000,
  });
  switch (ending) {
    case 'next': {
      // What follows can come only once all of the answer is there.
      const bytes = await peer.send(get('/next')).until(nextAnswer);
      return seen(bytes.subarray(0, bytes.indexOf(nextAnswer)));
    }
    case 'end': {
      const observed = seen(await peer.untilEnd());
      expect(peer.error).toBeUndefined();
      // Nobody reads any more: what is sent there comes back as a reset.
      while (!peer.socket.closed) {
        peer.send('x');
        await new Promise(setImmediate);
      }
      expect(['EPIPE', 'ECONNRESET']).toContain(peer.error?.code);
      return observed;
    }
    case 'reset': {
      const observed = seen(await peer.closed());
      expect(peer.error?.code).toBe('ECONNRESET');
      return observed;
    }
    case 'half': {
      const observed = seen(await peer.untilEnd());
      peer.send(Buffer.alloc(1024 * 1024));
      await peer.end().closed();
      expect(peer.error).toBeUndefined();
      return observed;
    }
    case 'silence': {
      await clock.untilForever();
      const observed = seen(await peer.until((received) => sent.test(received.toString('latin1'))));
      expect(peer.ended).toBe(false);
      return observed;
    }
    case 'endless': {
      const observed = seen(await peer.until(name === 'endless_informational' ? enough / 30 : enough));
      peer.socket.destroy();
      return observed;
    }
  }
}

describe('a fault does what it says', () => {
  test.each(Object.entries(expected))('%s', async (name, { sent, ending, seconds = 0, check }) => {
    const observed = await observe(name, ending, sent);
    expect(observed.bytes.toString('latin1')).toMatch(sent);
    expect(observed.seconds).toBeGreaterThanOrEqual(seconds);
    check?.(observed.bytes);
  });
});

describe('faults of your own', () => {
  test('are served, crafted and as anchors, and come before those that everybody has', async () => {
    const daemon = await startDaemon({
      ownFaults: [['flaky', "503:b'not now'"], "latency=200:b'at once'"],
      anchors: [['/x', 'fault:FLAKY']],
    });
    expect(await ask(daemon, get('/p/fault:flaky'))).toContain('not now');
    expect(await ask(daemon, get('/x'))).toContain('503 Service Unavailable');
    expect(await ask(daemon, get('/p/fault:latency'))).toContain('at once');
  });

  test('are served over HTTP/2', async () => {
    const daemon = await startDaemon({ h2c: true, ownFaults: [['flaky', "503:b'not now'"]] });
    const session = connect(daemon.url());
    onTestFinished(() => {
      session.destroy();
    });
    const [headers] = (await once(session.request({ ':path': '/p/fault:flaky' }), 'response')) as [
      Record<string, unknown>,
    ];
    expect(headers[':status']).toBe(503);
  });

  test('may stand in a file', async () => {
    const file = join(temporaryDirectory(), 'flaky.spec');
    writeFileSync(file, "503:\nb'not now'");
    const daemon = await startDaemon({ ownFaults: [['flaky', file]] });
    expect(await ask(daemon, get('/p/fault:flaky'))).toContain('not now');
  });

  test('are listed by the program, and checked', async () => {
    const listed = await runProgram('pathod/main.ts', ['--fault', "mine=200:b'x=y'", '--faults']).ended();
    expect(listed).toMatchObject({ status: 0, err: '' });
    expect(listed.out).toContain("fault:mine\n    Your own.\n    200:b'x=y'\n");
    for (const { name } of faults) expect(listed.out).toContain(`fault:${name}\n`);
    const refused = await runProgram('pathod/main.ts', ['--fault', 'mine=200:q']).ended();
    expect(refused).toMatchObject({ status: 2, out: '' });
    expect(refused.err).toBe('pathod: Invalid spec in fault mine: "q" cannot stand here in a response\n200:q\n    ^\n');
  });

  test('may stand for one another', async () => {
    const daemon = await startDaemon({
      h2c: true,
      ownFaults: [
        ['one', 'fault:Two'],
        ['two', 'fault:wrong_charset'],
      ],
      anchors: [['/x', 'fault:one']],
    });
    expect(await ask(daemon, get('/p/fault:one'))).toContain('caf\xe9');
    expect(await ask(daemon, get('/x'))).toContain('caf\xe9');
    expect(await (await http2Peer(daemon.port)).ask('/x')).toContain('caf\xe9');
  });

  const circle = /Invalid spec in fault a: faults stand for one another in a circle: b, a, b/;
  test.each([
    [['--fault', 'x=200:q'], /Invalid spec in fault x: "q" cannot stand here/],
    [['--fault', 'x=get:/'], /Invalid spec in fault x: /],
    [['--fault', 'x=+nofile'], /File access disabled/],
    [['--fault', 'x=200', '--fault', 'X=404'], /two have the same name, x and X/],
    [['--fault', 'a=fault:b', '--fault', 'b=fault:a'], circle],
  ])('are refused by --faults as at the start: %j', async (given, message) => {
    const listed = await runProgram('pathod/main.ts', [...given, '--faults']).ended();
    const started = await runProgram('pathod/main.ts', [...given, '-p', '0']).ended();
    expect(listed).toMatchObject({ status: 2, out: '' });
    expect(listed.err).toMatch(message);
    expect(started).toMatchObject({ status: 2, err: listed.err });
  });

  test('are listed once when they hide another, with the spec in their file', async () => {
    const file = join(temporaryDirectory(), 'slow.spec');
    writeFileSync(file, '200:p0,9\n');
    const listed = await runProgram('pathod/main.ts', ['--fault', `Latency=${file}`, '--faults']).ended();
    expect(listed.out.match(/^fault:latency$/gim)).toEqual(['fault:Latency']);
    expect(listed.out).toContain('fault:Latency\n    Your own.\n    200:p0,9\n');
    expect(listed.out).toContain('    200:d0\n    over HTTP/2: h2f:tping:d0\n');
    expect(listed.out).toMatch(/^fault:bare_lf\n.*\n.*\n {4}over HTTP\/1 only$/m);
  });

  test('are suggested when a name is not known', async () => {
    const daemon = await startDaemon({ ownFaults: [['flaky', '503']] });
    expect(await ask(daemon, get('/p/fault:flakey'))).toContain('did you mean flaky?');
  });

  test.each([
    [[['mine', '200:q']], /Invalid spec in fault mine: .*"q"/],
    [['mine'], /Invalid fault: mine \(a fault is written NAME=SPEC\)/],
    [['=200'], /Invalid fault: =200/],
    [[['', '200']], /a fault is a pair of a name and a spec/],
    [[['mine', 200]], /a fault is a pair of a name and a spec/],
  ])('are refused at the start: %j', async (given, message) => {
    // As those do who have no types.
    const ownFaults = given as [string, string][];
    await expect(startDaemon({ ownFaults })).rejects.toThrow(message);
    await expect(startDaemon({ ownFaults })).rejects.toThrow(OptionError);
  });
});
