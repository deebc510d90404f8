import { ProtocolError } from '../../src/errors.js';
import type { RequestEvent, ResponseEvent } from '../../src/wire/http1-reader.js';

/** An event in one line; data of one body is joined, for where it is cut depends on how it arrived. */
export type Line = string;

interface Reader {
  readonly midMessage: boolean;
  receive(chunk: Buffer): void;
  finish(): void;
  next(): RequestEvent | ResponseEvent | undefined;
}

/** What a reader makes of these chunks and, with `end`, of the peer's end behind them. */
export function drive(reader: Reader, chunks: readonly Buffer[], end = false): Line[] {
  const lines: Line[] = [];
  const body: Buffer[] = [];
  const flush = (): void => {
    if (body.length > 0) lines.push(`data ${Buffer.concat(body.splice(0)).toString('latin1')}`);
  };
  const pull = (goOn: () => boolean): void => {
    while (goOn()) {
      const event = reader.next();
      if (event === undefined) return;
      if (event.type === 'data') body.push(event.data);
      else {
        flush();
        lines.push(lineOf(event));
      }
    }
  };
  try {
    for (const chunk of chunks) {
      reader.receive(chunk);
      pull(() => true);
    }
    if (end) {
      reader.finish();
      // Asked for one more response, a reader would complain that the peer has left.
      pull(() => reader.midMessage || lines.at(-1) !== 'end');
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    flush();
    lines.push(`error ${error.message}`);
  }
  flush();
  return lines;
}

function lineOf(event: Exclude<RequestEvent | ResponseEvent, { type: 'data' }>): Line {
  if (event.type === 'end') return 'end';
  if (event.type === 'trailers') return `trailers${fieldsOf(event.headers.entries())}`;
  const { head } = event;
  const line =
    'method' in head
      ? `${head.method} ${head.target.toString('latin1')} ${head.httpVersion}`
      : `${head.httpVersion} ${head.codeText} ${head.reason.toString('latin1')}`;
  return `${event.type} ${line}${fieldsOf(head.headers.entries())}`;
}

function fieldsOf(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([name, value]) => ` | ${name}: ${value}`).join('');
}

/** One chunk a byte. */
export function bytewise(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

/** Cut at the given places, in any order and repeated as they may be. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
