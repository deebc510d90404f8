import { connect } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faults, parseHttp2Response } from '../kit/language.js';
import { startDaemon } from '../kit/daemon.js';

/** What Node's client makes of a fault: `status body`, and the code of an error. */
async function met(name: string): Promise<string> {
  const daemon = await startDaemon({ h2c: true, nocraft: true, anchors: [['/', `fault:${name}`]] });
  const session = connect(daemon.url('/'));
  onTestFinished(() => {
    session.destroy();
  });
  return new Promise((resolve) => {
    let told = '';
    const stream = session.request({ ':path': '/' });
    const fail = (error: Error & { code?: string }): void => {
      resolve(`${told}${error.code ?? error.message}`);
    };
    stream.on('response', (headers) => (told += `${String(headers[':status'])} `)).on('error', fail);
    stream.on('data', (data: Buffer) => (told += data.toString('latin1')));
    stream.on('end', () => {
      resolve(told);
    });
    stream.on('close', () => {
      resolve(`${told}closed`);
    });
    session.on('error', fail);
  });
}

describe('a fault by name over HTTP/2', () => {
  test.each([
    ['empty_response', /^(closed|ERR_HTTP2_\w+)?$/],
    ['connection_reset_by_peer', /^(ECONNRESET|closed)?$/],
    ['delay', /^200 0123456789$/],
    ['wrong_charset', /^200 caf\xe9$/],
    ['bare_lf', /^800 pathod error: .*fault:bare_lf exists only over HTTP\/1: ask with HTTP\/1\.1/],
  ])('%s', async (name, outcome) => {
    expect(await met(name)).toMatch(outcome);
  });

  test.each(faults.map((fault) => [fault.name, fault.http2] as const))(
    '%s has a form there, or says so',
    (name, http2) => {
      const parse = (): unknown => parseHttp2Response(`fault:${name}`).length;
      if (http2 === undefined) expect(parse).toThrow(/exists only over HTTP\/1/);
      else expect(parse()).toBeGreaterThan(0);
    },
  );
});
