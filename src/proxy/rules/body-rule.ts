import type { FlowFilter } from '../filter/operator.js';
import { Replacement } from './replacement.js';
import { readRule } from './rule.js';
import { Substitution } from './substitution.js';
import type { Template } from './template.js';
import { unescapeBytes } from './unescape.js';

/** A rule that replaces what matches in bytes. */
export interface BodyRule {
  readonly matches: FlowFilter;
  readonly pattern: Substitution;
  /** What takes its place; a promise for what stands in a file. */
  readonly template: () => Template | Promise<Template>;
}

/**
 * Reads `[/FILTER]/REGEX/[@]REPLACEMENT`; both have escapes as in literals of bytes, which are read before those of
 * the expression.
 * @throws {TypeError} and PatternError and FilterError for what is not valid
 */
export function readBodyRule(text: string): BodyRule {
  const { matches, subject, replacement } = readRule(text);
  const pattern = new Substitution(patternOf(unescapeBytes(subject)), { over: 'bytes', dotAll: true });
  const bytes = new Replacement(replacement);
  const initial = pattern.template(bytes.initial.toString('latin1'), !bytes.isFile);
  const template = bytes.isFile
    ? async () => pattern.template((await bytes.read()).toString('latin1'), false)
    : () => initial;
  return { matches, pattern, template };
}

/** A pattern over these bytes, as text: those outside ASCII as escapes. */
function patternOf(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\x80-\xff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}
