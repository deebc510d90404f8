/** What one flow costs to match, and what an expression costs to compile. One core. */
import { HeaderFields } from '../src/wire/headers.js';
import { HttpFlow } from '../src/proxy/flow/http-flow.js';
import type { Flow } from '../src/proxy/flow/flow.js';
import { Headers } from '../src/proxy/message/headers.js';
import { Request } from '../src/proxy/message/request.js';
import { Response } from '../src/proxy/message/response.js';
import { compileFilter } from '../src/proxy/filter/filter.js';

const rounds = 5;
const matchesPerRound = 400_000;

const head = Buffer.from(
  'Host: shop.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n' +
    'Accept-Encoding: gzip, deflate, br\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n',
);

/** As flows are on a connection: header fields that nobody asked for yet. */
function makeFlow(i: number): Flow {
  const place = { host: '127.0.0.1', port: 8080, path: `/cart/items/${String(i)}?x=${String(i % 7)}` };
  const headers = new Headers(new HeaderFields(head));
  const flow = new HttpFlow(new Request({ ...place, method: i % 2 === 0 ? 'GET' : 'POST', headers }));
  const fields = { 'content-type': 'application/json', 'content-length': '1000' };
  flow.response = new Response({
    statusCode: 200,
    headers: new Headers(fields),
    rawContent: Buffer.alloc(1000, 'json '),
  });
  return flow;
}

const flows = Array.from({ length: 1000 }, (_, i) => makeFlow(i));

/** Microseconds a flow in one round. */
function cost(filter: (flow: Flow) => boolean): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < matchesPerRound / flows.length; i++) for (const flow of flows) filter(flow);
  return Number(process.hrtime.bigint() - start) / 1000 / matchesPerRound;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function show(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(44)} ${value.toFixed(2)} ${unit}`);
}

for (const [filter, goal] of [
  ['~u x & ~m post', ' (goal 2 µs)'],
  ['~all', ''],
  ['~m post', ''],
  ['~u x', ''],
  ['~d shop', ''],
  ['~h session', ''],
  ['~b needle', ''],
  ['( ~c 200 | ~c 304 ) & !~a', ''],
] as const) {
  const matches = compileFilter(filter);
  // The first round is for warming up.
  const costs = Array.from({ length: rounds + 1 }, () => cost(matches)).slice(1);
  show(`a flow through ${filter}${goal}`, median(costs), 'µs');
}

const expressions = Array.from({ length: 2000 }, (_, i) => `~u x${String(i)} & ~m post | !( ~c 200 )`);
const start = process.hrtime.bigint();
for (const expression of expressions) compileFilter(expression);
show('compiling four operators', Number(process.hrtime.bigint() - start) / 1000 / expressions.length, 'µs');
