/** A bounded cache from text to something made of it. The least recently used goes first. */

/** How much a {@link TextCache} keeps. */
export interface CacheLimits {
  readonly entries: number;
  /** Characters of all texts together. What is made of a text may weigh fifty times as much. */
  readonly characters: number;
}

export class TextCache<T> {
  private readonly kept = new Map<string, T>();
  private characters = 0;

  constructor(
    private readonly make: (text: string) => T,
    private readonly limits: CacheLimits = { entries: 1000, characters: 256 * 1024 },
  ) {}

  /** What is made of `text`, from the cache when it is there. What `make` throws is not kept. */
  get(text: string): T {
    const found = this.kept.get(text);
    if (found !== undefined) {
      this.kept.delete(text);
      this.kept.set(text, found);
      return found;
    }
    const made = this.make(text);
    this.kept.set(text, made);
    this.characters += text.length;
    this.trim();
    return made;
  }

  /** Texts that are kept. */
  get size(): number {
    return this.kept.size;
  }

  private trim(): void {
    for (const text of this.kept.keys()) {
      if (this.kept.size <= this.limits.entries && this.characters <= this.limits.characters) return;
      this.kept.delete(text);
      this.characters -= text.length;
    }
  }
}
