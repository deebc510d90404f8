import { demandBytes, refusal } from '../message/demand.js';
import type { StreamMessage } from './stream-flow.js';

/** A message as flows keep it: what code sets is looked at; what it is made with, from the wire or a file, is not. */
export class KeptMessage implements StreamMessage {
  private payload: Buffer;

  constructor(
    readonly fromClient: boolean,
    content: Buffer,
    /** Seconds since 1970. */
    readonly timestamp: number,
  ) {
    this.payload = content;
  }

  get content(): Buffer {
    return this.payload;
  }

  set content(content: Uint8Array) {
    const given = demandBytes('content', content);
    if (given === undefined) throw refusal('content', 'a Buffer', content);
    this.payload = given;
  }
}
