// docs/features/client-replay.md
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { saveFlows } from '../../../src/proxy/save-flows.js';
import { dumpProcess } from '../../kit/dump-process.js';
import { dumpRun } from '../../kit/dump-run.js';
import { hasProgram } from '../../kit/programs.js';
import { runMitmdump } from '../../kit/run-mitmdump.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { webServer } from '../../kit/web-server.js';
import type { OnRequest, WebProtocol } from '../../kit/web-server.js';

/** A server that knows the page is cached, and notes what it was asked, and how many asked at a time. */
async function origin(
  protocol: WebProtocol,
  together = 1,
): Promise<{ readonly url: string; readonly asked: string[]; readonly peak: () => number }> {
  const asked: string[] = [];
  let underWay = 0;
  let peak = 0;
  const waiting: (() => void)[] = [];
  const answer: OnRequest = ({ method, url, headers }, response, body) => {
    asked.push(`${String(method)} ${String(url)} ${body.toString()}`.trim());
    response.statusCode = headers['if-none-match'] === undefined ? 200 : 304;
    peak = Math.max(peak, ++underWay);
    waiting.push(() => {
      underWay--;
      response.end(response.statusCode === 200 ? 'in full' : undefined);
    });
    if (waiting.length < together) return;
    // Somebody else, who asks in between, comes before the answer, and is one of the next.
    const answered = waiting.splice(0);
    setImmediate(() => answered.forEach((end) => end()));
  };
  const { port } = await webServer(protocol, answer);
  const scheme = protocol === 'http' ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${String(port)}`, asked, peak: () => peak };
}

describe.skipIf(!hasProgram('curl'))('client replay', { timeout: 60_000 }, () => {
  test('sends the requests of a recording again, one after the other', async () => {
    const [plain, secure] = await Promise.all([origin('http'), origin('h2')]);
    const directory = temporaryDirectory();
    const [source, first, second] = ['source', 'first', 'second'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    const recorder = await dumpProcess('-w', source);
    await recorder.through('-H', 'If-None-Match: "1"', `${plain.url}/page`);
    for (const { url } of [plain, secure]) {
      await recorder.through('-d', 'name=Ada', `${url}/form`);
      await recorder.through('-X', 'DELETE', `${url}/item`);
    }
    await recorder.stop();
    const once = [['GET /page'], []].map((got) => [...got, 'POST /form name=Ada', 'DELETE /item']);
    expect([plain.asked, secure.asked]).toEqual(once);
    const runs = [
      ['-nc', source, '-w', first, '--anticache'],
      ['--no-server', '--client-replay', source, '--save-stream-file', second, '--anticache'],
    ];
    const done = await Promise.all(runs.map((argv) => dumpRun(...argv)));
    expect(done.map(({ status }) => status)).toEqual([0, 0]);
    expect(done.map(({ err }) => err.trim())).toEqual([expect.stringContaining('-C'), '']);
    for (const { out } of done) expect(out.match(/^\[replay\]: |200 OK 7b/gm)).toHaveLength(10);
    // Each run was in order; they ran side by side.
    expect([plain.asked.length, secure.asked.length]).toEqual([9, 6]);
    for (const [asked, of] of [
      [plain.asked, once[0]],
      [secure.asked, once[1]],
    ] as const) {
      expect(asked.slice(of?.length).sort()).toEqual([...(of ?? []), ...(of ?? [])].sort());
    }
    const written = await Promise.all([first, second].map((file) => runMitmdump(['-nr', file])));
    for (const { out } of written) {
      expect(out).not.toContain('304');
      expect(Array.from(out.matchAll(/: ([A-Z]+) /g), ([, method]) => method)).toEqual([
        ...['GET', 'POST', 'DELETE', 'POST', 'DELETE'],
      ]);
    }
  });

  test('takes several files, and a damaged one as far as it goes', async () => {
    const { url, asked } = await origin('http');
    const directory = temporaryDirectory();
    const [one, two, three] = ['one', 'two', 'three'].map((name) => join(directory, name)) as [string, string, string];
    const all = join(directory, 'all');
    const recorder = await dumpProcess('-w', all);
    await recorder.through(`${url}/kept`, `${url}/other`, `${url}/last`);
    await recorder.stop();
    for (const [file, path] of [
      [one, 'kept'],
      [two, 'other'],
      [three, 'last'],
    ] as const) {
      await runMitmdump(['-nqr', all, '-w', file, `~u ${path}`]);
    }
    asked.length = 0;
    appendFileSync(two, '25:this is not the whole');
    const written = join(directory, 'written');
    const damaged = await dumpRun('-n', '-C', one, '-C', two, '-C', three, '-w', written, '~u kept | ~u last');
    expect(damaged).toMatchObject({
      status: 1,
      err: expect.stringContaining(`client_replay cannot read ${two}: `) as string,
    });
    expect(asked).toEqual(['GET /kept', 'GET /other', 'GET /last']);
    // The filter is for what is printed and written, not for what is sent.
    expect(damaged.out).not.toContain('/other');
    expect((await runMitmdump(['-nr', written])).out.match(/GET http:\S+\/(\w+)/g)).toHaveLength(2);
    asked.length = 0;
    const missing = await dumpRun('-n', '-C', one, '-C', join(directory, 'nowhere'));
    expect(missing.status).toBe(1);
    expect(missing.err).toMatch(/^mitmdump: client_replay cannot read .*nowhere: no such file[^\n]*\n$/i);
    expect(asked).toEqual([]);
  });

  test('has as many under way at once as it is told', async () => {
    const three = await origin('http', 3);
    const file = join(temporaryDirectory(), 'flows');
    const { host } = new URL(three.url);
    const flows = Array.from(
      { length: 6 },
      (_, i) => new HttpFlow(Request.make('GET', `${three.url}/${String(i)}`, '', { Host: host })),
    );
    await saveFlows(flows, file, {});
    expect(await dumpRun('-n', '-C', file, '--client-replay-concurrency', '3')).toMatchObject({ status: 0, err: '' });
    expect(await dumpRun('-n', '-C', file, '--client-replay-concurrency', '-1')).toMatchObject({ status: 0, err: '' });
    expect(three.asked).toHaveLength(12);
    expect(three.peak()).toBeGreaterThanOrEqual(3);
  });
});
