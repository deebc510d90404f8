import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { encodeFlow } from '../../../src/proxy/storage/origin.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { madeFlows } from './made-flows.js';
import { flowsIn, ownFlows, recording, recordings } from './sample-flows.js';

/** Lets mitmdump read a file and write it again. */
async function throughMitmdump(bytes: Buffer): Promise<Buffer> {
  const directory = temporaryDirectory();
  const [given, again] = [join(directory, 'ours.mitm'), join(directory, 'again.mitm')];
  writeFileSync(given, bytes);
  const options = ['--set', 'flow_detail=0', '--set', `confdir=${directory}`];
  const { code, stdout, stderr } = await run('mitmdump', ['-n', '-r', given, ...options, '-w', again]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  return readFileSync(again);
}

describe.skipIf(!hasProgram('mitmdump'))('the real mitmdump', { timeout: 60_000 }, () => {
  it('reads what we write, and writes the same', async () => {
    const ours = Buffer.concat(ownFlows().map((flow) => encodeFlow(flow)));
    expect(flowsIn(await throughMitmdump(ours)).length).toBe(flowsIn(ours).length);
  });

  it('writes flows that code made byte for byte as we do', async () => {
    const flows = Object.values(madeFlows());
    // It turns the members of what was kept of a flow, and of its metadata, around each time it reads them.
    for (const flow of flows) {
      flow.kept = undefined;
      flow.metadata = { list: flow.metadata['list'] ?? [] };
    }
    const items = flows.map((flow) => encodeFlow(flow));
    const again = await throughMitmdump(Buffer.concat(items));
    const written = flowsIn(again).map((flow) => encodeFlow(flow));
    expect(written.map((item) => item.toString('latin1'))).toEqual(items.map((item) => item.toString('latin1')));
  });

  it('reads what is in them as it was meant', async () => {
    const path = join(temporaryDirectory(), 'made.mitm');
    writeFileSync(path, Buffer.concat(Object.values(madeFlows()).map((flow) => encodeFlow(flow))));
    const options = ['--set', 'flow_detail=3', '--set', `confdir=${temporaryDirectory()}`];
    const { code, stdout, stderr } = await run('mitmdump', ['-n', '-r', path, ...options]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const text of [
      'PUT http://example.com/large',
      '(content missing)',
      String.raw`text \xc3\xa9`,
      String.raw`x-sum: \xfe`,
      '-> WebSocket text message -> example.com:443/chat',
      'UNKNOWN_ERROR=4000 (reason: tschüß)',
      '502 Bad Gateway',
      'Verbindung gestört',
      'DNS QUERY (A) a.test',
      '127.0.0.1',
      '-> tcp ->',
      'Error in TCP connection',
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it('reads recordings that were changed here', async () => {
    const flows = recordings.flatMap((name) => flowsIn(recording(name)));
    for (const flow of flows) {
      flow.backup();
      flow.comment = 'changed';
      if (flow.type === 'http') flow.request.headers.add('X-Changed', 'ja');
    }
    const again = flowsIn(await throughMitmdump(Buffer.concat(flows.map((flow) => encodeFlow(flow)))));
    // It writes a flow with a response and an error twice.
    expect(again.length).toBeGreaterThanOrEqual(flows.length);
    expect(again.filter(({ comment }) => comment !== 'changed')).toEqual([]);
    expect(new Set(again.map(({ id }) => id))).toEqual(new Set(flows.map(({ id }) => id)));
  });

  it('reads connections through a proxy, in whatever state they were, and when it wrote them open itself', async () => {
    const made = [0, 1, 2, 3].map((state) => {
      const flow = new HttpFlow(Request.make('GET', 'http://a.test/'));
      Object.assign(flow.serverConn, { address: ['a.test', 80], via: ['http', ['proxy.test', 3128]], state });
      flow.backup();
      flow.comment = 'changed';
      return flow;
    });
    const item = encodeFlow(made[0] as HttpFlow).toString('latin1');
    // As it writes them itself, in the flow and in what is kept of it.
    const open = (text: string): string => text.replaceAll('5:state;1:0#', '5:state;1:3#');
    expect(open(item).match(/5:state;1:3#/g)).toHaveLength(4);
    const [itsOwn] = flowsIn(Buffer.from(open(item), 'latin1'));
    if (itsOwn === undefined) throw new Error('there is no flow');
    expect(encodeFlow(itsOwn).toString('latin1')).toBe(open(item));
    itsOwn.comment = 'changed again';
    const ours = [...made, itsOwn].map((flow) => encodeFlow(flow));
    expect(flowsIn(await throughMitmdump(Buffer.concat(ours)))).toHaveLength(5);
  });

  it('reads old files that we brought to its layout', async () => {
    const flows = ['v2.0', 'v9', 'v21_head_layout'].flatMap((name) =>
      flowsIn(readFileSync(`fixtures/proxy/legacy/${name}.mitm`)),
    );
    const ours = Buffer.concat(flows.map((flow) => encodeFlow(flow, 17)));
    expect(flowsIn(await throughMitmdump(ours))).toHaveLength(flows.length);
  });
});
