import { isMostlyBinary } from './mostly-binary.js';
import type { Line, View } from './view.js';

const width = 16;

/** Sixteen bytes a line, as hexadecimal digits and as characters. */
export const hexView: View = {
  name: 'hex',
  priority: (content) => (isMostlyBinary(content) ? 0.2 : 0),
  render: (content) => ({ description: 'Hex', lines: dump(content) }),
};

function* dump(content: Buffer): Generator<Line, void, undefined> {
  for (let at = 0; at < content.length; at += width) {
    const bytes = content.subarray(at, at + width);
    const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    yield [
      ['offset', `${at.toString(16).padStart(10, '0')} `],
      ['text', `${digits.padEnd(3 * width - 1)}   `],
      ['text', bytes.toString('latin1').replace(/[^\x20-\x7e]/g, '.')],
    ];
  }
}
