/** What one flow costs to keep, to write to a file and to read from it. One core. */
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowStore } from '../src/proxy/flow-store.js';
import { ClientConnection, ServerConnection } from '../src/proxy/flow/connection.js';
import { HttpFlow } from '../src/proxy/flow/http-flow.js';
import { Headers } from '../src/proxy/message/headers.js';
import { Request } from '../src/proxy/message/request.js';
import { Response } from '../src/proxy/message/response.js';
import { readFlows } from '../src/proxy/storage/flow-file.js';
import { FlowFileWriter } from '../src/proxy/flow-file-writer.js';
import { encodeFlow } from '../src/proxy/storage/origin.js';
import { HeaderFields } from '../src/wire/headers.js';

const rounds = 7;
const flowsPerRound = 20_000;
/** Flows that end in one turn of the event loop, as with that many clients at once. */
const flowsPerTurn = 16;
const connections = 64;
const body = Buffer.alloc(1000, 'json ');

const requestHead = Buffer.from(
  'Host: shop.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n' +
    'Accept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n',
);
const responseHead = Buffer.from(
  'Date: Tue, 01 Sep 2026 10:00:00 GMT\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n' +
    'Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n',
);

/** Both ends of a connection that carries many flows. */
const ends = Array.from({ length: connections }, (_, i) => {
  const [clientConn, serverConn] = [new ClientConnection(), new ServerConnection()];
  Object.assign(clientConn, { peername: ['127.0.0.1', 40_000 + i], sockname: ['127.0.0.1', 8080], state: 3 });
  Object.assign(serverConn, { address: ['127.0.0.1', 9000], peername: ['127.0.0.1', 9000], state: 3 });
  clientConn.timestampStart = serverConn.timestampStart = serverConn.timestampTcpSetup = 1_700_000_000.125;
  return { clientConn, serverConn };
});

/** As flows are on a connection: header fields that nobody asked for yet. */
function makeFlow(i: number): HttpFlow {
  const start = 1_700_000_000 + i / 1000;
  const place = { host: '127.0.0.1', port: 9000, path: `/cart/items/${String(i)}?x=${String(i % 7)}` };
  const flow = new HttpFlow(
    new Request({
      ...place,
      headers: new Headers(new HeaderFields(requestHead)),
      rawContent: Buffer.alloc(0),
      ...{ timestampStart: start, timestampEnd: start + 0.0001 },
    }),
    ends[i % connections],
  );
  flow.response = new Response({
    ...{ statusCode: 200, reason: 'OK', rawContent: body },
    headers: new Headers(new HeaderFields(responseHead)),
    ...{ timestampStart: start + 0.0015, timestampEnd: start + 0.002 },
  });
  return flow;
}

function manyFlows(): readonly HttpFlow[] {
  return Array.from({ length: flowsPerRound }, (_, i) => makeFlow(i));
}

/** Microseconds a flow. */
async function cost(action: () => void | Promise<void>): Promise<number> {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1000 / flowsPerRound;
}

/** The median of some rounds; the first is for warming up. */
async function show(name: string, round: () => Promise<number>): Promise<void> {
  const costs: number[] = [];
  for (let i = 0; i <= rounds; i++) costs.push(await round());
  const [median = NaN] = costs
    .slice(1)
    .sort((a, b) => a - b)
    .slice(rounds >> 1);
  console.log(`${name.padEnd(44)} ${median.toFixed(2)} µs`);
}

const directory = mkdtempSync(join(tmpdir(), 'pathod-bench-'));
const path = join(directory, 'flows.mitm');
try {
  await show('a flow that is kept (goal 1 µs)', () => {
    const store = new FlowStore();
    const flows = manyFlows();
    return cost(() => {
      for (const flow of flows) {
        store.requestheaders(flow);
        store.response(flow);
      }
    });
  });
  await show('a flow that is encoded (goal 15 µs)', () => {
    const flows = manyFlows();
    return cost(() => {
      for (const flow of flows) encodeFlow(flow);
    });
  });
  await show('a flow that is written to a file', async () => {
    const flows = manyFlows();
    const writer = await FlowFileWriter.open(path, { now: () => Date.now() });
    const microseconds = await cost(async () => {
      for (const [i, flow] of flows.entries()) {
        const room = writer.write(flow);
        if (room !== undefined) await room;
        else if (i % flowsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await writer.flush();
    });
    await writer.close();
    return microseconds;
  });
  console.log(`bytes of a flow in the file`.padEnd(44), (statSync(path).size / flowsPerRound).toFixed(0));
  await show('a flow that is read from a file', () =>
    cost(async () => {
      let count = 0;
      for await (const flow of readFlows(createReadStream(path, { highWaterMark: 256 * 1024 })))
        count += flow.id ? 1 : 0;
      if (count !== flowsPerRound) throw new Error(`${String(count)} flows were read`);
    }),
  );
} finally {
  rmSync(directory, { recursive: true });
}
