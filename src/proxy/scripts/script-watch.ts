import type { Clock } from '../../net/clock.js';

/** Milliseconds between two looks. */
const pause = 250;

/** What is watched. */
export interface Watched {
  /** Files by path, and the version of each that is known. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Looks at files again and again, and tells of what has another version for two looks in a row: who writes a file in
 * pieces is let finish. Looking finds what notices of the operating system miss: files on other machines, files that are
 * replaced, directories that come and go.
 */
export class ScriptWatch<W extends Watched> {
  private readonly over = new AbortController();
  private readonly seen = new Map<W, string>();
  private running: Promise<void> | undefined;

  /**
   * @param watched what is to be looked at, each time
   * @param versionOf tells one version of a file from another
   * @param changed called for what has changed; it is to know the new versions then
   */
  constructor(
    private readonly clock: Clock,
    private readonly watched: () => readonly W[],
    private readonly versionOf: (path: string) => string,
    private readonly changed: (changed: W) => void,
  ) {}

  /** Begins, unless it has. */
  start(): void {
    this.running ??= this.run();
  }

  /** @returns when nothing is under way any more */
  async stop(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.over;
    for (;;) {
      await this.clock.wait(pause, signal);
      for (const watched of this.watched()) {
        if (signal.aborted) return;
        if (this.isOther(watched)) this.changed(watched);
      }
      if (signal.aborted) return;
    }
  }

  private isOther(watched: W): boolean {
    const { files } = watched;
    const now = [...files.keys()].map((path) => this.versionOf(path)).join('\n');
    const before = this.seen.get(watched);
    this.seen.delete(watched);
    if (now === [...files.values()].join('\n')) return false;
    if (now === before) return true;
    this.seen.set(watched, now);
    return false;
  }
}
