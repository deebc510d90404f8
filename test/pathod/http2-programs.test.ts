import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon } from '../kit/daemon.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

// Real clients, none of which is ours.

const head = "h2f:theaders:h':status'='200'";

describe.skipIf(!hasProgram('curl'))('curl, with prior knowledge', () => {
  const curl = (...args: string[]): ReturnType<typeof run> =>
    run('curl', ['-sS', '--max-time', '50', '--http2-prior-knowledge', ...args]);

  test('gets answers, error pages, and informational responses', async () => {
    const daemon = await startDaemon({ h2c: true, anchors: [['/hello', "200:b'hello'"]] });
    expect((await curl('-w', ' %{http_code} %{http_version}', daemon.url('/hello'))).stdout).toBe('hello 200 2');
    expect((await curl('-i', daemon.p("103:h'link'='</a>' 200:h'x'='y':b'z'"))).stdout).toBe(
      'HTTP/2 103 \r\nlink: </a>\r\n\r\nHTTP/2 200 \r\nx: y\r\ncontent-length: 1\r\n\r\nz',
    );
    expect((await curl('-w', ' %{http_code}', daemon.p('200:q'))).stdout).toMatch(
      /^pathod error: Error parsing.* 800$/s,
    );
  });

  test('sends a body, and asks for leave to', async () => {
    const directory = temporaryDirectory();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${directory}/body`, Buffer.alloc(2_000_000));
    const daemon = await startDaemon({ h2c: true });
    const { stdout } = await curl('-T', `${directory}/body`, '-H', 'Expect: 100-continue', daemon.p("200:b'ok'"));
    expect(stdout).toBe('ok');
    expect(daemon.lastLog()).toMatchObject({ request: { method: 'PUT' } });
  });

  test.each<[string, string]>([
    ['RST_STREAM in mid response', `${head} h2f:tdata:b'x' h2f:trst_stream`],
    ['a DATA frame that lies about its length, and the end', `${head} h2f:tdata:b'x':l100:d10`],
    ['a wrong content-length', "200:r:h'content-length'='10':b'x'"],
    ['a bad HPACK index', 'h2f:theaders:index99:end_stream'],
  ])('fails on %s', async (_, spec) => {
    const daemon = await startDaemon({ h2c: true });
    const ran = await curl(daemon.p(spec));
    // The names of libcurl for them: HTTP2, PARTIAL_FILE, GOT_NOTHING, RECV_ERROR, HTTP2_STREAM.
    expect([16, 18, 52, 56, 92]).toContain(ran.code);
  });

  test('takes a large answer', async () => {
    const daemon = await startDaemon({ h2c: true });
    const { stdout } = await curl('-o', '/dev/null', '-w', '%{size_download}', daemon.p('200:b@20m'));
    expect(stdout).toBe(String(20 * 1024 * 1024));
  });
});

describe.skipIf(!hasProgram('nghttp'))('nghttp', () => {
  test('sees the frames that were sent', async () => {
    const daemon = await startDaemon({ h2c: true });
    const { stdout } = await run('nghttp', [
      '-nv',
      '-t',
      '10',
      daemon.p(`103:h'a'='b' ${head} h2f:tdata:b'12345':end_stream:pad3`),
    ]);
    const text = stdout.replace(/\x1b\[[0-9;]*m/g, '');
    expect(text).toContain(':status: 103');
    expect(text).toContain('a: b');
    expect(text).toMatch(
      /recv DATA frame <length=9, flags=0x09, stream_id=13>\s+; END_STREAM \| PADDED\s+\(padlen=4\)/,
    );
  });

  test('asks for many things on one connection', async () => {
    const daemon = await startDaemon({ h2c: true });
    const urls = Array.from({ length: 30 }, (_, i) => daemon.p(`200:b'${i},'`));
    const { stdout } = await run('nghttp', ['-t', '10', ...urls]);
    expect(stdout.split(',').filter((text) => text !== '')).toHaveLength(30);
  });
});

describe.skipIf(!hasProgram('h2load'))('h2load', () => {
  test.each<[string, string[]]>([
    ['small answers', ['-n', '2000', '-c', '4', '-m', '32', "/p/200:b'hello'"]],
    ['answers of many frames', ['-n', '200', '-c', '4', '-m', '10', '/p/200:b@100k']],
    ['answers with trailers', ['-n', '500', '-c', '2', '-m', '50', "/p/200:b'x':t'a'='b'"]],
    ['answers of raw frames', ['-n', '500', '-c', '2', '-m', '50', `/p/${head}%20h2f:tdata:b'x':end_stream`]],
    [
      'answers that pause in the middle of a frame',
      ['-n', '100', '-c', '2', '-m', '20', `/p/${head}:end_stream:p3,0.001`],
    ],
  ])('gets %s', async (_, args) => {
    const daemon = await startDaemon({ h2c: true });
    const path = args.pop() ?? '';
    const { stdout } = await run('h2load', [...args, daemon.url(path)]);
    const [, total, succeeded] = /requests: (\d+) total, .* (\d+) succeeded/.exec(stdout) ?? [];
    expect(stdout).toContain('0 failed, 0 errored');
    expect(succeeded).toBe(total);
  });
});

describe("Node's client", () => {
  function open(url: string): ClientHttp2Session {
    const session = connectHttp2(url);
    session.on('error', () => undefined);
    onTestFinished(() => {
      session.destroy();
    });
    return session;
  }

  test('gets informational headers, the answer and its trailers', async () => {
    const daemon = await startDaemon({ h2c: true });
    const stream = open(daemon.url()).request({ ':path': "/p/103:h'a'='b' 200:b'x':t'c'='d'" });
    const names = ['headers', 'response', 'trailers'];
    const came = Promise.all(names.map((name) => once(stream, name)));
    await once(stream.resume(), 'end');
    expect((await came).map(([fields]: unknown[]) => fields)).toMatchObject([
      { ':status': 103, a: 'b' },
      { ':status': 200, 'content-length': '1' },
      { c: 'd' },
    ]);
  });

  test('finds out about GOAWAY and RST_STREAM', async () => {
    const daemon = await startDaemon({ h2c: true });
    const session = open(daemon.url());
    const reset = session.request({ ':path': '/p/h2f:trst_stream:cenhance_your_calm' });
    const [error] = (await once(reset, 'error')) as [NodeJS.ErrnoException];
    expect(error.message).toContain('NGHTTP2_ENHANCE_YOUR_CALM');
    session.request({ ':path': "/p/h2f:tgoaway:cinternal_error:b'bye' 200" }).on('error', () => undefined);
    const [code, , debug] = (await once(session, 'goaway')) as [number, number, Buffer];
    expect([code, debug.toString()]).toEqual([2, 'bye']);
  });

  test('is held up on one stream only, when it does not read that', async () => {
    const daemon = await startDaemon({ h2c: true });
    const session = open(daemon.url());
    const stuck = session.request({ ':path': '/p/200:b@10m' });
    await once(stuck, 'response');
    const quick = session.request({ ':path': "/p/200:b'quick'" });
    let body = '';
    quick.setEncoding('latin1').on('data', (text: string) => (body += text));
    await once(quick, 'end');
    expect(body).toBe('quick');
    let length = 0;
    stuck.on('data', (chunk: Buffer) => (length += chunk.length));
    await once(stuck, 'end');
    expect(length).toBe(10 * 1024 * 1024);
  });
});
