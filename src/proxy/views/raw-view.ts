import { escapeBytes } from './escaped-text.js';
import { textLines } from './printed-lines.js';
import type { View } from './view.js';

/** The bytes as text, with escapes for all that is not printable ASCII. */
export const rawView: View = {
  name: 'raw',
  priority: () => 0.1,
  render: (content) => ({ description: 'Raw', lines: textLines(escapeBytes(content, { keepSpacing: true })) }),
};
