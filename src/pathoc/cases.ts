/** Which messages are sent in a repetition, and what chance gives each of them. */
import type { Files, Message, Random } from '../language/index.js';
import { leftToChance } from './chance.js';
import { Memo } from './memo.js';
import type { Playlist } from './playlist.js';

/** One message to send, and where its chance comes from. */
export interface Case {
  readonly message: Message;
  readonly random: Random;
}

/** Cases in order. A spec may stand for a million, so they are made as they are needed. */
export interface CaseList extends Iterable<Case> {
  readonly length: number;
}

/** How cases are chosen. */
export interface CasesOptions {
  /** Send one argument of the playlist, picked by chance. */
  readonly pick: boolean;
  /** Never send the same twice; give up when so many attempts in a row gave nothing new. */
  readonly memoLimit: number | undefined;
  /** Where file values come from. */
  readonly files: Files;
  /** Writes a message out, as it is compared with those that were sent. */
  readonly freeze: (one: Case) => Message;
}

/**
 * The cases of a run. Case `i` of repetition `n` is the same for the same seed, whatever came
 * before it; with a memo, an attempt that gives nothing new is followed by one with other chance.
 */
export class Cases {
  private readonly memo: Memo | undefined;
  private readonly varies: boolean;
  private readonly all: readonly Message[];

  constructor(
    private readonly playlist: Playlist,
    private readonly root: Random,
    private readonly options: CasesOptions,
  ) {
    if (options.memoLimit !== undefined) this.memo = new Memo();
    this.all = playlist.flat();
    this.varies = options.memoLimit !== undefined && Cases.leftToChance(playlist, { ...options, explained: true });
  }

  /** Whether chance decides anything; `explained` as for {@link leftToChance}. */
  static leftToChance(
    playlist: Playlist,
    { pick, files, explained }: Pick<CasesOptions, 'pick' | 'files'> & { readonly explained: boolean },
  ): boolean {
    if (pick && playlist.length > 1) return true;
    return [...new Set(playlist.flat())].some((message) => leftToChance(message, files, explained));
  }

  /** The cases of a repetition, counted from 0; undefined when there is nothing new to send. */
  of(repetition: number): CaseList | undefined {
    const { memo } = this;
    const random = this.root.fork(repetition);
    if (memo === undefined) return this.draw(random);
    const limit = this.varies ? (this.options.memoLimit ?? 1) : 1;
    for (let attempt = 0; attempt < limit; attempt++) {
      const drawn = this.draw(attempt === 0 ? random : random.fork(`attempt ${String(attempt)}`));
      const fresh = [...drawn].filter((one) => memo.isNew(this.options.freeze(one).spec));
      if (fresh.length > 0) return fresh;
    }
    return undefined;
  }

  private draw(random: Random): CaseList {
    const messages = this.pick(random);
    return {
      length: messages.length,
      *[Symbol.iterator]() {
        for (const [position, message] of messages.entries()) yield { message, random: random.fork(position) };
      },
    };
  }

  private pick(random: Random): readonly Message[] {
    if (!this.options.pick || this.playlist.length === 0) return this.all;
    return this.playlist[random.fork('pick').integer(this.playlist.length)] ?? [];
  }
}
