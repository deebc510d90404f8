/** What pathoc prints: one block for each exchange, one for each frame. */
import type { Message } from '../language/index.js';
import { hexDump, textDump } from '../wire/byte-dump.js';
import type { Exchange } from './exchange.js';
import { describeFrame } from '../wire/describe-frame.js';
import type { ReceivedFrame } from '../wire/websocket-frames.js';
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
    if (unsent) lines.push(`Not sent: the rest of the ${message.kind}, as the peer takes no more of it\n`);
    if (disconnected) lines.push(`Disconnected, as the ${message.kind} says\n`);
    return lines.join('') + this.dump('Bytes written:', exchange.written) + this.dump('Bytes read:', exchange.read);
  }

  /** A frame that was received. */
  frameReceived(frame: ReceivedFrame, read: Transcript | undefined): string {
    return `<< ${describeFrame(frame)}\n${this.dump('Bytes read:', read)}`;
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
