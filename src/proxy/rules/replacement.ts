/** What a rule puts into messages: bytes that stand in it, or those of a file: `@PATH`. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import { unescapeBytes } from './unescape.js';

export class Replacement {
  /** The bytes; of a file, those that it had when the rule was read. */
  readonly initial: Buffer;
  /** The file, when there is one: it is read anew for each message. */
  private readonly file: string | undefined;

  /** @throws {TypeError} when it cannot be read */
  constructor(text: string) {
    this.file = text.startsWith('@') ? expandHome(text.slice(1)) : undefined;
    this.initial = this.file === undefined ? unescapeBytes(text) : readNow(this.file);
  }

  /** Whether it is that of a file, which may change. */
  get isFile(): boolean {
    return this.file !== undefined;
  }

  /** The bytes now. @throws {Error} Node's own, when the file cannot be read any more */
  async read(): Promise<Buffer> {
    return this.file === undefined ? this.initial : readFile(this.file);
  }
}

function readNow(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TypeError(`${file} cannot be read: ${systemReason(error).reason}`, { cause: error });
  }
}
