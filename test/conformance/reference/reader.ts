/** Reading tokens of a text, with white space before each. */
export class Reader {
  at = 0;
  touchedBy = new Set<string>();

  constructor(readonly text: string) {}

  /** Whether nothing but white space is left. */
  get ended(): boolean {
    return /^[ \t\r\n]*$/.test(this.text.slice(this.at));
  }

  /** Reads a token and the white space before it. */
  token(pattern: string, flags = ''): RegExpExecArray | undefined {
    const match = new RegExp(`[ \\t\\r\\n]*(?:${pattern})`, `y${flags}`);
    match.lastIndex = this.at;
    const found = match.exec(this.text);
    if (found) this.at = match.lastIndex;
    return found ?? undefined;
  }

  /** Reads a rule, or nothing at all. */
  attempt<T>(rule: (reader: Reader) => T | undefined): T | undefined {
    const start = this.at;
    const result = rule(this);
    if (result === undefined) this.at = start;
    return result;
  }

  /** Reads the first rule that matches. */
  first<T>(...rules: readonly ((reader: Reader) => T | undefined)[]): T | undefined {
    for (const rule of rules) {
      const result = this.attempt(rule);
      if (result !== undefined) return result;
    }
    return undefined;
  }
}

/** Reads something, or nothing; a rule that gives nothing may have moved the reader. */
export type Rule<T> = (reader: Reader) => T | undefined;
