/** Sends well-formed requests over HTTP/2, as the windows of the server allow. */
import type { Http2Field, Http2RequestMessage, Settings } from '../language/index.js';
import { draw } from '../language/layout.js';
import { chunkSize, readSegment } from '../language/plan.js';
import { fullSettings } from '../language/settings.js';
import type { FieldPart } from '../wire/hpack-encoder.js';
import type { Http2Line } from './http2-line.js';

/**
 * Sends a request on a stream that is open. Resolves when all of it was put out, and before when the stream was
 * closed meanwhile.
 * @param isOver whether no more of it is wanted
 * @throws {FileAccessDenied | RenderError} when it cannot be turned into bytes
 */
export async function sendHttp2Request(
  { connection, writer }: Http2Line,
  streamId: number,
  { message, settings }: { readonly message: Http2RequestMessage; readonly settings: Settings },
  isOver: () => boolean,
): Promise<void> {
  const full = fullSettings(settings);
  const body = draw(message.bodyPart(full), full.random);
  const trailers = message.trailerList(full);
  const coding = { indexing: 'static' } as const;
  const hasEnd = trailers.length === 0;
  connection.sendHeaders(streamId, parts(message.headerList(full)), { coding, endStream: hasEnd && body.length === 0 });
  for (let at = 0; at < body.length && !isOver();) {
    const to = Math.min(at + chunkSize, body.length);
    const goesOn = connection.sendData(streamId, readSegment(body, at, to), {
      endStream: hasEnd && to === body.length,
    });
    // Closed streams say no, and do not ask to wait.
    if (!goesOn && connection.takesData(streamId)) return;
    at = to;
    await writer.until(() => connection.takesData(streamId) || isOver());
  }
  if (!hasEnd && !isOver()) connection.sendHeaders(streamId, parts(trailers), { coding, endStream: true });
  await writer.until(() => connection.isSent(streamId) || isOver());
}

function parts(fields: readonly Http2Field[]): FieldPart[] {
  return fields.map(([name, value]) => ({ name, value }));
}
