/** Request heads a second on one core, as ratios against a loop that only looks for the blank line. */
import { Http1RequestReader } from '../src/wire/http1-reader.js';

const wrk = Buffer.from('GET /p/200 HTTP/1.1\r\nHost: 127.0.0.1:9999\r\n\r\n');
const browser = Buffer.from(
  'GET /p/200 HTTP/1.1\r\nHost: 127.0.0.1:9999\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n' +
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n' +
    'Accept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n',
);
const post = Buffer.from('POST /p/200 HTTP/1.1\r\nHost: 127.0.0.1:9999\r\nContent-Length: 5\r\n\r\nhello');

const rounds = 5;
const headsPerRound = 400_000;

/** Takes a chunk in and says how many heads it held. */
type Take = (chunk: Buffer) => number;

/** The least that any reader must do: find where each head ends. */
function findBlankLines(chunk: Buffer): number {
  let heads = 0;
  for (let at = chunk.indexOf('\r\n\r\n'); at !== -1; at = chunk.indexOf('\r\n\r\n', at + 4)) heads++;
  return heads;
}

function readRequests(): Take {
  const reader = new Http1RequestReader();
  return (chunk) => {
    let heads = 0;
    reader.receive(chunk);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      // What a server asks of every head.
      if (event.type === 'head' && event.head.method !== '' && event.head.target.length > 0) heads++;
    }
    return heads;
  };
}

/** Heads a second in one round. */
function rate(take: Take, chunk: Buffer): number {
  const start = process.hrtime.bigint();
  let heads = 0;
  while (heads < headsPerRound) heads += take(chunk);
  return heads / (Number(process.hrtime.bigint() - start) / 1e9);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Both in turn, so that a busy machine slows both alike. */
function compare(name: string, chunk: Buffer): void {
  const read = readRequests();
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const own = rate(read, chunk);
    const bare = rate(findBlankLines, chunk);
    // The first round is for warming up.
    if (round === 0) continue;
    rates.push(own);
    ratios.push(own / bare);
  }
  console.log(
    `${name.padEnd(44)} ${(median(rates) / 1e6).toFixed(2)} M heads/s, ${median(ratios).toFixed(2)} of bare indexOf`,
  );
}

compare('a GET in one chunk (goal 1.5 M/s)', wrk);
compare('16 GETs in one chunk (goal 1.5 M/s)', Buffer.concat(Array.from({ length: 16 }, () => wrk)));
compare('a GET of a browser in one chunk', browser);
compare('a POST of 5 bytes in one chunk', post);
