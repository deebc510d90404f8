/** What pathoc prints: one block for each exchange, one for each frame. */
import type { Message } from '../language/index.js';
import { hexDump, textDump } from '../wire/byte-dump.js';
import { describeFrame } from '../wire/describe-frame.js';
import { describeHttp2Frame } from '../wire/describe-http2-frame.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
import type { Exchange } from './exchange.js';
import type { Http2Arrival } from './http2-arrivals.js';
import type { Direction } from './http2-frame-tap.js';
import type { ReceivedHead } from './response.js';
import type { Transcript } from './transcript.js';

/** What a report shows. */
export interface ReportOptions {
  readonly timestamps: boolean;
  readonly hexdump: boolean;
  readonly ignoreTimeouts: boolean;
  readonly ignoreCodes: ReadonlySet<number>;
}

/** Turns what happened into text. Every text ends with a line end, or is empty. */
export class Report {
  constructor(private readonly options: ReportOptions) {}

  /** Whether exchanges with this final answer are not shown. */
  ignores(code: number): boolean {
    return this.options.ignoreCodes.has(code);
  }

  /** An exchange, of a frame too; empty when its answer is one of those ignored. */
  exchange(exchange: Exchange): string {
    const { message, started, informational, response, failure, disconnected, unsent } = exchange;
    if (response !== undefined && this.ignores(response.code)) return '';
    const lines = [this.sent(message, started)];
    for (const head of informational) if (!this.ignores(head.code)) lines.push(answer(head, 0));
    if (response !== undefined) lines.push(answer(response, response.bodyLength));
    if (failure !== undefined) lines.push(this.failure(failure));
    if (unsent) lines.push(`Not sent: the rest of the ${nounOf(message)}, as the peer takes no more of it\n`);
    if (disconnected) lines.push(`Disconnected, as the ${nounOf(message)} says\n`);
    return lines.join('') + this.dump('Bytes written:', exchange.written) + this.dump('Bytes read:', exchange.read);
  }

  /** A frame that was received. */
  frameReceived(frame: ReceivedFrame, read: Transcript | undefined): string {
    return `<< ${describeFrame(frame)}\n${this.dump('Bytes read:', read)}`;
  }

  /** What came in over HTTP/2 besides the answers to requests; empty when its code is one of those ignored. */
  arrival(arrival: Http2Arrival): string {
    switch (arrival.type) {
      case 'frame':
        return `<< h2 frame:${describeHttp2Frame(arrival.frame)}\n`;
      case 'violation':
        return `Invalid server response on stream ${String(arrival.streamId)}: ${arrival.error.message}\n`;
      case 'response': {
        const { response, streamId } = arrival;
        if (this.ignores(response.code)) return '';
        const heads = response.informational.filter(({ code }) => !this.ignores(code));
        const lines = [...heads.map((head) => answer(head, 0)), answer(response, response.bodyLength)];
        return lines.map((line) => line.replace('<< ', `<< stream ${String(streamId)}: `)).join('');
      }
    }
  }

  /** Arrivals that there was no room for. */
  arrivalsOmitted(count: number): string {
    return `(and ${String(count)} more that came in)\n`;
  }

  /** A frame that passed, for `--http2-framedump`. */
  frame(direction: Direction, frame: Http2Frame): string {
    return `frame ${direction}: ${describeHttp2Frame(frame)}\n`;
  }

  /** Bytes that were received between two messages; empty when there are none. */
  dumpRead(read: Transcript | undefined): string {
    return read === undefined || read.length === 0 ? '' : this.dump('Bytes read:', read);
  }

  /** Messages that could not be sent any more. */
  notSent(count: number): string {
    return `Not sent, as the connection is closed: ${String(count)} ${count === 1 ? 'message' : 'messages'}\n`;
  }

  /** What stands in the place of an answer. */
  failure(failure: NonNullable<Exchange['failure']>): string {
    if (failure === 'timeout') return this.options.ignoreTimeouts ? 'Timeout (ignored)\n' : 'Timeout\n';
    return `Invalid server response: ${failure.message}\n`;
  }

  private sent(message: Message, started: number): string {
    return `${this.options.timestamps ? `${timestamp(new Date(started))}: ` : ''}>> ${message.spec}\n`;
  }

  private dump(heading: string, transcript: Transcript | undefined): string {
    if (transcript === undefined) return '';
    const lines = this.options.hexdump ? hexDump(transcript.bytes) : textDump(transcript.bytes);
    const { omitted } = transcript;
    return `${heading}\n${lines}${omitted === 0 ? '' : `\t(and ${String(omitted)} bytes more)\n`}`;
  }
}

/** Local time as `07-06-16 12:13:43`. */
export function timestamp(time: Date): string {
  const two = (part: number): string => String(part % 100).padStart(2, '0');
  const date = [time.getDate(), time.getMonth() + 1, time.getFullYear()].map(two).join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

function answer({ codeText, reason }: ReceivedHead, bodyLength: number): string {
  const phrase = reason.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '.');
  return `<< ${codeText} ${phrase}: ${String(bodyLength)} bytes\n`;
}

/** What a message is, whichever the version of HTTP. */
function nounOf({ kind }: Message): string {
  return kind.replace('http2-', '');
}
