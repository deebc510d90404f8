/** A regular expression and what takes the place of its matches, as Python's `re.sub` has it. */
import { compileWithGroups } from '../filter/pattern/compile-pattern.js';
import type { CompiledPattern, PatternOptions } from '../filter/pattern/compile-pattern.js';
import { readTemplate } from './template.js';
import type { Template } from './template.js';

/** A pattern whose matches are replaced, all of them; in bytes, as ISO 8859-1 text. */
export class Substitution {
  private readonly pattern: CompiledPattern;
  private readonly all: RegExp;

  /** @throws {PatternError} when the pattern is not valid */
  constructor(pattern: string, options: PatternOptions) {
    this.pattern = compileWithGroups(pattern, options);
    const { source, flags } = this.pattern.regex;
    this.all = new RegExp(source, `${flags}g`);
  }

  /** As {@link readTemplate}. */
  template(replacement: string, strict: boolean): Template {
    return readTemplate(replacement, this.pattern, strict);
  }

  /** Whether a text holds a match. */
  isIn(text: string): boolean {
    return this.pattern.regex.test(text);
  }

  apply(text: string, template: Template): string {
    return text.replace(this.all, (match: string, ...rest: unknown[]) => {
      // The last argument is the named groups, when there are any.
      const groups = rest.at(-1);
      return template(typeof groups === 'object' ? (groups as Record<string, string | undefined>) : {}, match);
    });
  }
}
