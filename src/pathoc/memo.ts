import { createHash } from 'node:crypto';

/** Remembers what was sent. Each message costs a hash, however long it is. */
export class Memo {
  private readonly known = new Set<string>();

  /** Whether this is the first time that the frozen spec comes up. */
  isNew(frozen: string): boolean {
    const hash = createHash('sha256').update(frozen).digest('base64');
    if (this.known.has(hash)) return false;
    this.known.add(hash);
    return true;
  }
}
