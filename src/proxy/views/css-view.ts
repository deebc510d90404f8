import { decodeUtf8 } from '../message/utf8.js';
import { textLines } from './printed-lines.js';
import { Shield } from './shielded-text.js';
import type { Area } from './shielded-text.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

/** Style sheets, a line for each declaration. They are not parsed: they need not be correct. */
export const cssView: View = {
  name: 'css',
  priority: (content, context) => (content.length > 0 && mediaType(context) === 'text/css' ? 1 : 0),
  render: (content) => ({ description: 'CSS', lines: textLines(`${beautify(decodeUtf8(content))}\n`) }),
};

/** Strings on one line, and comments, those of other languages too. */
const areas: readonly Area[] = [
  { opening: '"', pattern: /"(?:[^"\\\n]|\\[^\n])*"/y, reach: 'line' },
  { opening: "'", pattern: /'(?:[^'\\\n]|\\[^\n])*'/y, reach: 'line' },
  { opening: '/*', pattern: /\/\*[^]*?\*\//y, reach: 'text' },
  { opening: '//', pattern: /\/\/[^\n]*/y },
];

const shield = new Shield('{};:', areas, /['"/]/g);

function beautify(sheet: string): string {
  // White space is matched from where it begins: a run of it that nothing follows would else be read again and again.
  const broken = shield
    .hide(sheet.replace(/\r\n?/g, '\n').trim())
    .replace(/(?:(?<!\s)\s+)?;\s*/g, ';\n')
    .replace(/(?:(?<!\s)\s+)?\{\s*/g, ' {\n')
    .replace(/(?:(?<!\s)\s+)?\}\s*/g, '\n}\n\n')
    .replace(/\n[^\S\n]+/g, '\n')
    // The declarations of a rule: what stands between the last brace and the one that closes it.
    .replace(/(?<=[{}]|^)[^{}]+?(?=\n?\})/g, declarations)
    .replace(/(?:(?<!\s)\s+)?,\s*/g, ', ');
  return shield.show(broken).replace(/(?<!\n)\n+$/, '');
}

function declarations(block: string): string {
  return block
    .replace(/(?:(?<!\s)\s+)?:\s*/g, ': ')
    .replace(/^(?=[^\n])/gm, (_, at: number) => (at === 0 ? '' : '    '));
}
