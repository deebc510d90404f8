import { bytesRepr } from './bytes-repr.js';
import { opcodeNames } from './websocket-frames.js';
import type { ReceivedFrame } from './websocket-frames.js';

/** A frame in a line, as the text logs show it: `ws frame:text:fin|mask:key=b'abcd' 5b`. */
export function describeFrame(
  frame: Pick<ReceivedFrame, 'opcode' | 'key' | 'length' | 'masked' | 'fin' | 'rsv1' | 'rsv2' | 'rsv3'>,
): string {
  const bits = { fin: frame.fin, rsv1: frame.rsv1, rsv2: frame.rsv2, rsv3: frame.rsv3, mask: frame.masked };
  const flags = Object.entries(bits).flatMap(([name, set]) => (set ? [name] : []));
  const name = opcodeNames.get(frame.opcode) ?? String(frame.opcode);
  const key = frame.key === undefined ? '' : `:key=${bytesRepr(frame.key)}`;
  const size = frame.length === 0 ? '' : ` ${shortSize(frame.length)}`;
  return `ws frame:${name}${flags.length > 0 ? `:${flags.join('|')}` : ''}${key}${size}`;
}

const units = ['b', 'k', 'm', 'g', 't'];

/** `5b`, `1.5k`, `64m`. */
function shortSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${String(Math.round(size * 100) / 100)}${units[unit] ?? ''}`;
}
