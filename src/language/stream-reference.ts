/** How a spec names a stream: by number, seen from the stream in hand, or as the next one of our side. */
import { RenderError, SpecError } from '../errors.js';
import { digits, scanDigits, scanWord, skipSpace } from './scan.js';
import type { Part } from './scan.js';
import type { Settings } from './settings.js';

/** The greatest stream id (RFC 9113, section 4.1). */
const greatest = 0x7fffffff;

/** `5`, `+2`, `-2`, `new`. */
export type StreamReference = number | `${'+' | '-'}${number}` | 'new';

/** STREAM of a spec. */
export const streamReference: Part<StreamReference> = {
  label: 'STREAM',
  expected: 'a stream: a number, +N or -N (from the stream in hand), or new (the next one of ours)',
  starts: `${digits}+-n`,
  scan(text, at) {
    const next = scanWord(text, at, 'new', false);
    if (next) return { value: 'new', end: next.end };
    const sign = scanWord(text, at, '+', false) ?? scanWord(text, at, '-', false);
    const number = scanDigits(text, sign ? sign.end : at);
    if (!number) return undefined;
    const id = Number(number.value);
    if (id > greatest) {
      const place = { spec: text, offset: skipSpace(text, at), expected: [`a number up to ${String(greatest)}`] };
      throw new SpecError(`a stream id can't exceed ${String(greatest)}`, place, 'ERR_SPEC_RANGE');
    }
    return { value: sign === undefined ? id : sign.value === '+' ? `+${id}` : `-${id}`, end: number.end };
  },
};

/** The streams that settings tell of. */
export interface Streams {
  readonly inHand: number;
  readonly next: number;
}

/** @param client whether a client sends the message: its first stream is 1, that of a server 2 */
export function streamsOf({ streamId, nextStreamId }: Settings, client: boolean): Streams {
  const inHand = streamId ?? 1;
  return { inHand, next: nextStreamId ?? (client ? inHand + 2 : 2) };
}

/** @throws {RenderError} for a stream that no frame can name */
export function resolveStream(reference: StreamReference, { inHand, next }: Streams): number {
  const id = typeof reference === 'number' ? reference : reference === 'new' ? next : inHand + Number(reference);
  if (id >= 0 && id <= greatest) return id;
  throw new RenderError(`there is no stream ${String(id)}: stream ids go from 0 to ${String(greatest)}`);
}
