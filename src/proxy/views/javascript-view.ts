import { indentation, textLines } from './printed-lines.js';
import { Shield } from './shielded-text.js';
import type { Area } from './shielded-text.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

const types = ['application/x-javascript', 'application/javascript', 'text/javascript'];

/** JavaScript, a line for each statement, indented by its braces. It is not parsed: it need not be correct. */
export const javascriptView: View = {
  name: 'javascript',
  priority: (content, context) => (content.length > 0 && types.includes(mediaType(context)) ? 1 : 0),
  render: (content) => ({ description: 'JavaScript', lines: textLines(beautify(content.toString('utf8'))) }),
};

/**
 * Where braces and semicolons mean nothing. A regular expression stands behind an operator, ends at the first `/`,
 * and is known by what follows it: an end of the statement, of a list or of the line, or a dot.
 */
const areas: readonly Area[] = [
  { opening: '//', pattern: /\/\/[^\n]*/y },
  { opening: '/*', pattern: /\/\*[^]*?\*\//y, reach: 'text' },
  { opening: "'", pattern: /'(?:[^'\\\n]|\\[^])*'/y, reach: 'line' },
  { opening: '"', pattern: /"(?:[^"\\\n]|\\[^])*"/y, reach: 'line' },
  { opening: '`', pattern: /`(?:[^`\\]|\\[^])*`/y, reach: 'text' },
  { opening: '', pattern: /(?<=[^\w\s)])\s*\/(?:[^\n/]|\\\/)+?\/[gimsuy]*(?=\s*(?:[;,).\n]|$))/y },
  { opening: 'for(', pattern: /for\([^\n)]*\)/y, reach: 'line' },
  { opening: '{}', pattern: /\{\}(?=;)/y },
];

/** Levels of braces that are indented. */
const deepest = 100;

const shield = new Shield('{};\n', areas, /(?<!\s)\s+(?=\/)|['"`/]|for\(|\{\}/g);

function beautify(script: string): string {
  // White space is matched from where it begins: a run of it that nothing follows would else be read again and again.
  const broken = shield
    .hide(script.replace(/\r\n?/g, '\n'))
    .replace(/(?:(?<!\s)\s+)?\{\s*/g, ' {\n')
    .replace(/(?:(?<!\s)\s+)?;\s*/g, ';\n')
    // The line that a brace has opened stays, be it empty.
    .replace(/(?:(?<![\s{])\s+)?\}\s*(;?)\s*/g, '\n}$1\n');
  return shield.show(indentBraces(broken));
}

function indentBraces(text: string): string {
  let depth = 0;
  return text
    .split('\n')
    .map((line, i, all) => {
      if (line === '' && i === all.length - 1) return line;
      if (line.startsWith('}')) depth--;
      const indented = indentation(depth, deepest) + line;
      if (line.endsWith('{')) depth++;
      return indented;
    })
    .join('\n');
}
