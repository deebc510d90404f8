import { PatternError } from '../../../errors.js';
import type { PatternFlags } from './flags.js';
import { Translator } from './translate.js';

/** How a pattern is read; its own `(?i)` and the like come on top. */
export interface PatternOptions extends Partial<PatternFlags> {
  /** `bytes` are matched as ISO 8859-1 text, and are UTF-8 in the pattern; `text` is matched as it is. */
  readonly over: 'bytes' | 'text';
}

/** An expression and its groups. */
export interface CompiledPattern {
  readonly regex: RegExp;
  /** The numbers of the groups that have names. */
  readonly groupNames: ReadonlyMap<string, number>;
  readonly groupCount: number;
}

/**
 * A regular expression in the syntax of Python's module `re`, for JavaScript. Its groups are called g1, g2...
 * @throws {PatternError} when it is not valid, or uses what JavaScript cannot do: conditional groups, names of
 *   characters, flags of a locale
 */
export function compilePattern(pattern: string, options: PatternOptions): RegExp {
  return compileWithGroups(pattern, options).regex;
}

/** As {@link compilePattern}, with what is known of the groups. */
export function compileWithGroups(pattern: string, { over, ...given }: PatternOptions): CompiledPattern {
  const none = { caseless: false, multiline: false, dotAll: false, verbose: false, ascii: false };
  const translator = new Translator(pattern, over, { ...none, ...given });
  const { source, flags } = translator.translate();
  try {
    const regex = new RegExp(source, flags);
    // What is too large shows when it is first used, with narrow characters or with wide ones.
    regex.test('');
    regex.test('\u0100');
    return { regex, groupNames: translator.groupNames, groupCount: translator.groupCount };
  } catch (cause) {
    throw new PatternError('the expression is too large', pattern, 0, { cause });
  }
}
