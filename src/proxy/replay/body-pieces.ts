/** The body of a request as it is compared. */
import { parseContentType } from '../message/content-type.js';
import type { Request } from '../message/request.js';

/**
 * What stands between the boundaries of a multipart body (RFC 2046, section 5.1.1): clients draw these anew for each
 * request, and they mean nothing. A body of another kind is one piece.
 */
export function bodyPieces(request: Request, body: Buffer): readonly Buffer[] {
  const type = parseContentType(request.headers.get('content-type') ?? '');
  const boundary = type?.type === 'multipart' ? type.parameters.get('boundary')?.replace(/^"(.*)"$/, '$1') : undefined;
  if (boundary === undefined || boundary === '') return [body];
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at !== 0 && body[at - 1] !== lineFeed) continue;
    pieces.push(body.subarray(start, at));
    start = at + delimiter.length;
  }
  return [...pieces, body.subarray(start)];
}

const lineFeed = 0x0a;

/**
 * The first byte, as an offset in the body of a request, that differs from the body of another one; boundaries count
 * for nothing. Undefined when there is none, or one of the bodies was not kept.
 */
export function firstDifference(request: Request, other: Request): number | undefined {
  const { rawContent: body } = request;
  const { rawContent: otherBody } = other;
  if (body === undefined || otherBody === undefined) return undefined;
  const pieces = bodyPieces(request, body);
  const others = bodyPieces(other, otherBody);
  for (const [i, piece] of pieces.entries()) {
    const against = others[i] ?? Buffer.alloc(0);
    if (piece.equals(against) && i in others) continue;
    let at = 0;
    while (at < piece.length && piece[at] === against[at]) at++;
    return piece.byteOffset - body.byteOffset + at;
  }
  return pieces.length < others.length ? body.length : undefined;
}
