// The one-liners of fixtures/h2, and what reaches real programs: nghttp shows the frames, curl and Node's
// client what becomes of the request.
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';

const folder = fileURLToPath(new URL('../../fixtures/h2/', import.meta.url));

function spec(file: string): string {
  return readFileSync(folder + file, 'latin1').trim();
}

/** A server that answers every request with a fixture. */
async function serve(name: string): Promise<string> {
  const daemon = await startDaemon({ h2c: true, anchors: [['/', spec(`${name}.pathod`)]] });
  return daemon.url('/');
}

/** What nghttp prints of frames, without colours and times. */
async function shown(url: string): Promise<string> {
  const { stdout, stderr } = await run('nghttp', ['-nv', '--no-dep', '-t', '3', url]);
  return (stdout + stderr).replace(/\x1b\[[0-9;]*m/g, '').replace(/^\[ *[0-9.]+\] /gm, '');
}

/** How a request of Node's client ends: `status body`, or the code of its error. */
async function outcome(url: string): Promise<string> {
  const session = connect(url);
  onTestFinished(() => {
    session.destroy();
  });
  const stream = session.request({ ':path': '/' });
  let told = '';
  stream.on('response', (headers) => (told = `${String(headers[':status'])} `));
  stream.on('data', (data: Buffer) => (told += data.toString('latin1')));
  return new Promise((resolve) => {
    const fail = (error: Error & { code?: string }): void => {
      resolve(`${told}${error.message}`);
    };
    session.on('error', fail);
    stream.on('error', fail);
    stream.on('end', () => {
      resolve(told);
    });
    stream.on('close', () => {
      resolve(`${told}closed with ${String(stream.rstCode)}`);
    });
  });
}

interface Pathology {
  /** What nghttp prints, in this order. */
  readonly frames: readonly RegExp[];
  /** What curl says in the end. */
  readonly curl: RegExp;
  /** What Node's client makes of it; absent where it waits for ever. */
  readonly node?: RegExp;
}

const received = (frame: string): RegExp => new RegExp(`recv ${frame}`);
const fatal = (code: string): RegExp => new RegExp(`send GOAWAY .*\\n.*error_code=${code}`);

const pathologies: Record<string, Pathology> = {
  'bad-hpack-index': { frames: [/:status: 200/, fatal('COMPRESSION_ERROR')], curl: /Empty reply/ },
  'continuation-flood': {
    frames: [/x-more: of the same/, /Too many CONTINUATION frames/],
    curl: /Too many CONTINUATION frames/,
    node: /^Too many CONTINUATION frames/,
  },
  'data-before-headers': { frames: [fatal('PROTOCOL_ERROR.*DATA: stream not opened')], curl: /Empty reply/ },
  'goaway-mid-response': {
    frames: [
      received('DATA frame <length=4, flags=0x00, stream_id=1>'),
      received('GOAWAY .*\\n.*last_stream_id=1, error_code=INTERNAL_ERROR'),
      received('DATA frame <length=9, flags=0x01, stream_id=1>'),
    ],
    curl: /half and half$/,
    node: /^200 half(?! and half$)/,
  },
  'goaway-refuses-stream': {
    frames: [received('GOAWAY .*\\n.*last_stream_id=0, error_code=ENHANCE_YOUR_CALM.*\\[go away\\]')],
    curl: /curl: \(16\)/,
    node: /^Session closed with error code 11/,
  },
  'header-block-split': {
    frames: [/x: y/, received('HEADERS frame <length=6, flags=0x05, stream_id=1>')],
    curl: /^HTTP\/2 200 *\r\nx: y/,
    node: /^200 $/,
  },
  'headers-on-stream-zero': {
    frames: [/INVALID.*HEADERS.*stream_id=0/, fatal('PROTOCOL_ERROR.*stream_id == 0')],
    curl: /Empty reply/,
    node: /^Protocol error/,
  },
  'hpack-index-zero': { frames: [/:status: 200/, fatal('COMPRESSION_ERROR')], curl: /Empty reply/ },
  'oversized-frame': {
    frames: [received('HEADERS'), fatal('FRAME_SIZE_ERROR.*too large frame size')],
    curl: /^HTTP\/2 200/,
  },
  'padding-beyond-frame': {
    frames: [received('HEADERS'), fatal('PROTOCOL_ERROR.*DATA: invalid padding')],
    curl: /^HTTP\/2 200/,
  },
  'ping-flood': {
    frames: [received('PING'), received('PING')],
    curl: /after the flood$|Flooding was detected/,
    node: /^200 after the flood$/,
  },
  'push-uninvited': {
    frames: [/:path: \/pushed/, received('PUSH_PROMISE'), received('HEADERS')],
    curl: /Empty reply/,
    node: /^200 $/,
  },
  'rst-stream-mid-response': {
    frames: [
      received('DATA frame <length=4, flags=0x00, stream_id=1>'),
      received('RST_STREAM .*\\n.*error_code=INTERNAL_ERROR'),
    ],
    curl: /not closed cleanly: INTERNAL_ERROR/,
    node: /^200 halfStream closed with error code NGHTTP2_INTERNAL_ERROR/,
  },
  'rst-stream-storm': {
    frames: [received('RST_STREAM frame <length=4, flags=0x00, stream_id=1>\\n.*error_code=CANCEL')],
    curl: /not closed cleanly: CANCEL|partial file/,
  },
  'settings-flood': {
    frames: [
      received('SETTINGS frame <length=0, flags=0x00, stream_id=0>'),
      received('SETTINGS frame <length=0, flags=0x00, stream_id=0>'),
    ],
    curl: /after the flood$|Flooding was detected/,
    node: /^200 after the flood$/,
  },
  'truncated-frame': {
    frames: [/:status: 200/, /requests were not processed/],
    curl: /not closed cleanly before end of the underlying stream/,
  },
  'unknown-frame-type': {
    frames: [received('DATA frame <length=23, flags=0x01, stream_id=1>')],
    curl: /ignored what is unknown$/,
    node: /^200 ignored what is unknown$/,
  },
  'window-overflow': {
    frames: [/INVALID.*WINDOW_UPDATE.*stream_id=1/, /send RST_STREAM .*\n.*error_code=FLOW_CONTROL_ERROR/],
    curl: /FLOW_CONTROL_ERROR/,
    node: /^Flow control error/,
  },
  'wrong-stream-id': {
    frames: [/INVALID.*HEADERS.*stream_id=3/, fatal('PROTOCOL_ERROR.*client received request')],
    curl: /Empty reply/,
    node: /^Protocol error/,
  },
  'zero-window': {
    frames: [
      received('SETTINGS .*\\n.*niv=1.*\\n.*INITIAL_WINDOW_SIZE\\(0x04\\):0'),
      received('DATA frame <length=25'),
    ],
    curl: /send what you want to say$/,
    node: /^200 send what you want to say$/,
  },
};

describe.skipIf(!hasProgram('nghttp') || !hasProgram('curl'))('what pathod sends of fixtures/h2', () => {
  test.each(Object.entries(pathologies))('%s', async (name, { frames, curl, node }) => {
    const url = await serve(name);
    const told = await shown(url);
    let from = 0;
    for (const frame of frames) {
      const rest = told.slice(from);
      expect(rest).toMatch(frame);
      from += rest.search(frame) + 1;
    }
    const { stdout, stderr } = await run('curl', ['-sS', '-m', '5', '-i', '--http2-prior-knowledge', url]);
    expect(stdout + stderr).toMatch(curl);
    if (node) expect(await outcome(url)).toMatch(node);
  });

  test('each of them is tried', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.pathod'));
    expect(Object.keys(pathologies).sort()).toEqual(files.map((file) => basename(file, '.pathod')).sort());
  });
});
