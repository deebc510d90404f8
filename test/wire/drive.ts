import { ProtocolError } from '../../src/errors.js';
import type { RequestEvent, ResponseEvent } from '../../src/wire/http1-reader.js';

/** An event in one line; data of one body is joined, for where it is cut depends on how it arrived. */
export type Line = string;

interface Reader {
  receive(chunk: Buffer): void;
  finish(): void;
  next(): RequestEvent | ResponseEvent | undefined;
}

/** What a reader makes of these chunks; with `end`, what it says when the peer ends after them. */
export function drive(reader: Reader, chunks: readonly Buffer[], end = false): Line[] {
  const lines: Line[] = [];
  let body: Buffer[] = [];
  const flush = (): void => {
    if (body.length > 0) lines.push(`data ${Buffer.concat(body).toString('latin1')}`);
    body = [];
  };
  const pull = (): void => {
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.type === 'data') {
        body.push(event.data);
        continue;
      }
      flush();
      lines.push(lineOf(event));
      // Asked for one more response, a reader would complain that the peer has left.
      if (event.type === 'end' && end && lines.length > 0 && finished && !hasMore(reader)) return;
    }
  };
  let finished = false;
  try {
    for (const chunk of chunks) {
      reader.receive(chunk);
      pull();
    }
    if (end) {
      finished = true;
      reader.finish();
      if (midMessage(reader) || lines.length === 0) pull();
    }
  } catch (error) {
    flush();
    if (!(error instanceof ProtocolError)) throw error;
    lines.push(`error ${error.message}`);
  }
  flush();
  return lines;
}

function midMessage(reader: Reader): boolean {
  return 'midMessage' in reader && reader.midMessage === true;
}

function hasMore(reader: Reader): boolean {
  return 'waiting' in reader && reader.waiting !== 0;
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
