import { PatternError } from '../../../errors.js';

/** The text of a pattern, read from left to right. */
export class PatternText {
  /** Where the next character stands. */
  at = 0;

  /**
   * @param text the pattern as it is read: bytes are ISO 8859-1 text
   * @param written the pattern as its author wrote it, for errors
   */
  constructor(
    private readonly text: string,
    private readonly written: string,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, which stays; empty at the end. */
  peek(): string {
    const code = this.text.codePointAt(this.at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  /** The next character; empty at the end. */
  take(): string {
    const character = this.peek();
    this.at += character.length;
    return character;
  }

  /** Passes over a text, if it stands here. */
  accept(text: string): boolean {
    const found = this.text.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  /** Takes what matches here. @param regex sticky */
  match(regex: RegExp): string | undefined {
    regex.lastIndex = this.at;
    const found = regex.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Takes what stands before a text, and the text. @throws {PatternError} when the text does not follow */
  takeUntil(end: string, why: string, from: number): string {
    const stop = this.text.indexOf(end, this.at);
    if (stop === -1) this.fail(why, from);
    const taken = this.text.slice(this.at, stop);
    this.at = stop + end.length;
    return taken;
  }

  /** @throws {PatternError} always. @param from where the mistake begins; here, unless given */
  fail(why: string, from = this.at): never {
    throw new PatternError(why, this.written, this.place(from));
  }

  /** The offset in what the author wrote, which for bytes is UTF-8. */
  private place(at: number): number {
    if (this.text === this.written) return at;
    return Buffer.from(this.text.slice(0, at), 'latin1').toString().length;
  }
}
