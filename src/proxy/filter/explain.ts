/** Says in plain words why an expression could not be read, where, and what would have been right there. */
import type { IToken } from 'chevrotain';
import { FilterError } from '../../errors.js';
import type { FilterErrorPlace } from '../../errors.js';
import { nearest } from '../../options/suggest.js';
import type { FilterOperator } from './operator.js';
import { filterOperators, operatorOf } from './operators.js';
import { pythonRepr } from './python-text.js';
import { Close, IntegerOperator, Open, PatternOperator } from './tokens.js';
import type { Mode } from './tokens.js';

const anOperand = ['an operator such as ~u', 'a regular expression', 'an opening bracket', '!'];
const aPattern = ['a regular expression, in quotes when it holds white space, brackets, quotes or a tilde'];
const anInteger = ['a whole number'];

/** An error whose message begins as that of the ancestor does. */
export function invalid(
  filter: string,
  why: string,
  place: Omit<FilterErrorPlace, 'filter'>,
  options?: ErrorOptions,
): FilterError {
  const meant = place.suggestion === undefined ? '' : `; did you mean ${place.suggestion}?`;
  return new FilterError(
    `Invalid filter expression: ${pythonRepr(filter)}: ${why}${meant}`,
    { ...place, filter },
    options,
  );
}

/** No token can stand at an offset. @param before the last one that could */
export function explainLexer(filter: string, offset: number, mode: Mode, before: IToken | undefined): FilterError {
  const character = filter.charAt(offset);
  if (mode === 'integer') return needsInteger(filter, offset, before);
  if (character === '"' || character === "'") {
    const why = /[\r\n]/.test(filter.slice(offset))
      ? 'this quote is not closed in its line'
      : 'this quote is never closed';
    return invalid(filter, why, { offset, expected: [`a closing ${character}`] });
  }
  if (mode === 'pattern') return needsPattern(filter, offset, before);
  return explainTilde(filter, offset);
}

function explainTilde(filter: string, offset: number): FilterError {
  const [, name = '', rest = ''] = /~([A-Za-z]*)([!-~]*)/.exec(filter.slice(offset)) ?? [];
  const codes = filterOperators.map(({ code }) => code);
  if (name === '')
    return invalid(filter, 'the name of an operator must stand behind ~', { offset, expected: anOperand });
  const known = operatorOf(name);
  if (known !== undefined) {
    const place = { offset: offset + 1 + name.length, expected: ['white space'] };
    return invalid(filter, `white space must follow ~${name}`, { ...place, suggestion: apart(known, rest) });
  }
  const near = nearest(name, codes) ?? codes.find((code) => code === name.toLowerCase());
  const suggestion = near === undefined ? undefined : `~${near}`;
  return invalid(filter, `there is no operator ~${name}`, { offset, expected: ['an operator'], suggestion });
}

/** An operator with what stands close behind it, and a blank between them. */
function apart({ code, kind }: FilterOperator, rest: string): string | undefined {
  if (kind === 'integer' && !/^\d/.test(rest)) return undefined;
  return `~${code} ${kind === 'regular expression' && rest.startsWith('(') ? `"${rest}"` : rest}`;
}

function needsPattern(filter: string, offset: number, operator: IToken | undefined): FilterError {
  const image = operator?.image ?? '';
  const [text = ''] = /[^ \t\r\n]+/.exec(filter.slice(offset)) ?? [];
  const why = text.startsWith('(')
    ? `the regular expression of ${image} must stand in quotes, as it holds a bracket`
    : `${image} needs a regular expression`;
  const suggestion = /^\([^'"\\]*$/.test(text) ? `${image} "${text}"` : undefined;
  return invalid(filter, why, { offset, expected: aPattern, suggestion });
}

function needsInteger(filter: string, offset: number, operator: IToken | undefined): FilterError {
  return invalid(filter, `${operator?.image ?? ''} needs a whole number`, { offset, expected: anInteger });
}

/** All tokens are known, but one stands in the wrong place, or the text ends too early. */
export function explainParser(filter: string, tokens: readonly IToken[], bad: IToken): FilterError {
  const index = tokens.indexOf(bad);
  const before = tokens[(index === -1 ? tokens.length : index) - 1];
  const offset = index === -1 ? filter.length : bad.startOffset;
  if (before === undefined && index === -1) {
    return invalid(filter, 'there is nothing but white space', { offset: 0, expected: anOperand });
  }
  if (isOf(before, PatternOperator.name)) return needsPattern(filter, offset, before);
  if (isOf(before, IntegerOperator.name)) return needsInteger(filter, offset, before);
  if (bad.tokenType === Close) return explainClose(filter, offset, before);
  if (/^[&|!]$/.test(bad.image))
    return invalid(filter, `an operand must follow ${bad.image}`, { offset, expected: anOperand });
  const opened = openAt(tokens.slice(0, index === -1 ? tokens.length : index));
  if (opened === undefined) return invalid(filter, 'something is missing here', { offset, expected: anOperand });
  if (index === -1) {
    return invalid(filter, 'this bracket is never closed', {
      offset: opened.startOffset,
      expected: ['a closing bracket'],
    });
  }
  return invalid(filter, 'within brackets, & or | must stand between two operands', { offset, expected: ['&', '|'] });
}

function explainClose(filter: string, offset: number, before: IToken | undefined): FilterError {
  if (before?.tokenType === Open) {
    return invalid(filter, 'there is nothing between these brackets', { offset, expected: anOperand });
  }
  return invalid(filter, 'this bracket was never opened', { offset });
}

function isOf(token: IToken | undefined, category: string): boolean {
  return token?.tokenType.CATEGORIES?.some(({ name }) => name === category) ?? false;
}

/** The last bracket that is open behind these tokens. */
function openAt(tokens: readonly IToken[]): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (token.tokenType === Open) open.push(token);
    else if (token.tokenType === Close) open.pop();
  }
  return open.at(-1);
}
