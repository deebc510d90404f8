import type { Duplex } from 'node:stream';
import { ByteSource } from '../net/byte-source.js';
import { DeflateDirection } from '../wire/websocket-deflate.js';
import type { DeflateDirectionAgreement } from '../wire/websocket-deflate.js';
import { WebSocketReader } from '../wire/websocket-reader.js';
import type { TakenOver } from './http-stream.js';
import type { Side } from './relay-ends.js';
import { WebSocketOutlet } from './websocket-outlet.js';

/** What one side of a WebSocket says, on its way to the other. */
export interface WebSocketWay {
  readonly from: Side;
  readonly source: ByteSource;
  readonly reader: WebSocketReader;
  readonly deflate: DeflateDirection | undefined;
  readonly outlet: WebSocketOutlet;
  /** Whether a Close frame has come. */
  closed: boolean;
}

/**
 * @param agreed what holds for compression, when there is any
 * @param maximum bytes that a message may have
 */
export function websocketWay(
  from: Side,
  { duplex, rest }: TakenOver,
  to: Duplex,
  agreed: DeflateDirectionAgreement | undefined,
  maximum: number,
): WebSocketWay {
  const isClient = from === 'client';
  const deflate = agreed === undefined ? undefined : new DeflateDirection(agreed, maximum);
  return {
    from,
    source: new ByteSource(duplex, rest),
    reader: new WebSocketReader({ masked: isClient, compression: agreed !== undefined, maximum }),
    deflate,
    outlet: new WebSocketOutlet(to, isClient, deflate),
    closed: false,
  };
}
