/** What the language costs by itself: cold parses, sendings made ready, generated data. One core. */
import { createCipheriv } from 'node:crypto';
import { CompiledMessage, parseResponse, Random } from '../src/language/index.js';
import { readSegment } from '../src/language/plan.js';

function perSecond(times: number, act: (i: number) => unknown): number {
  for (let i = 0; i < times / 5; i++) act(-1 - i);
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) act(i);
  return times / (Number(process.hrtime.bigint() - start) / 1e9);
}

function compiled(spec: string): CompiledMessage {
  const [message] = parseResponse(spec);
  if (!message) throw new Error(`nothing in ${spec}`);
  return new CompiledMessage(message, undefined);
}

function show(name: string, value: number, unit: string): void {
  console.log(`${name.padEnd(44)} ${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2)} ${unit}`);
}

const parses = perSecond(50_000, (i) =>
  parseResponse(`200:b@${String(Math.abs(i))}:h'X-A'='b${String(i)}':c'text/html':d50`),
);
show('cold parse of a five-clause spec (goal 30,000)', parses, 'a second');

const root = Random.fromSeed(1);
for (const spec of ["200:b'hello'", '200:b@100', '200:b@100:dr']) {
  const message = compiled(spec);
  show(
    `made ready to send: ${spec}`,
    perSecond(100_000, (i) => message.sending(root.fork(i)).plan),
    'a second',
  );
}

const piece = 64 * 1024;
const zeros = Buffer.alloc(piece);
const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
const bare = perSecond(4000, () => cipher.update(zeros)) * piece;
show('bare AES-128-CTR', bare / 1e9, 'GB/s');
for (const type of ['bytes', 'ascii', 'punctuation']) {
  const segment = compiled(`200:r:b@1t,${type}`).sending(root).plan.segments[1];
  if (!segment) throw new Error('no body');
  const rate = perSecond(4000, (i) => readSegment(segment, Math.abs(i) * piece, (Math.abs(i) + 1) * piece)) * piece;
  show(`generated ${type}`, rate / 1e9, `GB/s, ${(rate / bare).toFixed(2)} of bare`);
}
