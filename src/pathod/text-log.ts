/** The text log: a block of lines for each entry, the first of them behind the time. */
import { hexDump, textDump } from '../wire/byte-dump.js';
import type { LogEntry } from './log.js';

/** Bytes of one dump at most. */
export const longestDump = 64 * 1024;

/** How much the text log tells. */
export interface TextStyle {
  /** Specs with all that chance decided made literal. */
  readonly explain: boolean;
  readonly logRequests: boolean;
  readonly logResponses: boolean;
  readonly hexdump: boolean;
}

/** The block of an entry, ended by a newline; empty when there is nothing to tell. */
export function block(entry: LogEntry, style: TextStyle): string {
  const lines = entry.text(style);
  return lines === '' ? '' : `${timestamp(entry.at)} ${lines}`;
}

/** One line that is no entry: it is printed, and not kept. @param at milliseconds since 1970 */
export function remark(at: number, line: string): string {
  return `${timestamp(at)} ${printable(line)}\n`;
}

/** One line of text; what would command a terminal becomes a full stop. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, '.');
}

/** A heading and the bytes below it. */
export function dump(heading: string, bytes: Buffer, { hexdump }: TextStyle): string {
  return `${heading}:\n${hexdump ? hexDump(bytes) : textDump(bytes)}`;
}

let lastSecond = NaN;
let lastStamp = '';

/** `YYYY-MM-DD HH:MM:SS`, local time. */
function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second === lastSecond) return lastStamp;
  const date = new Date(ms);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  lastSecond = second;
  lastStamp = `${day} ${time}`;
  return lastStamp;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
