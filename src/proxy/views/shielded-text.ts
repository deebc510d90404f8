/**
 * Text in which some marks mean nothing: those in strings and comments. They are put out of sight of patterns
 * that look for these marks, and brought back afterwards. The stand-ins are noncharacters, which text has not.
 */

/** A kind of place where marks mean nothing. */
export interface Area {
  /** What it begins with; empty when the pattern alone can say. */
  readonly opening: string;
  /** All of one, from its beginning. Sticky. */
  readonly pattern: RegExp;
  /**
   * How far the pattern looks for an end. Where it finds none, others that begin before that have none either, and
   * are not tried: text that opens many and closes none would take long.
   */
  readonly reach?: 'line' | 'text';
}

const firstStandIn = 0xfdd0;

export class Shield {
  private readonly marks: RegExp;
  private readonly standIns: RegExp;

  /**
   * @param hidden the marks, a character each, 32 at most
   * @param areas where they are hidden; of several that begin at one place, the first is taken
   * @param beginning matches wherever one of them may begin; global
   */
  constructor(
    private readonly hidden: string,
    private readonly areas: readonly Area[],
    private readonly beginning: RegExp,
  ) {
    this.marks = new RegExp(`[${hidden}]`, 'g');
    this.standIns = new RegExp(`[${[...hidden].map((_, i) => String.fromCharCode(firstStandIn + i)).join('')}]`, 'g');
  }

  /** Hides the marks in all areas. */
  hide(text: string): string {
    const pieces: string[] = [];
    const barred = this.areas.map(() => 0);
    let done = 0;
    this.beginning.lastIndex = 0;
    for (let found = this.beginning.exec(text); found !== null; found = this.beginning.exec(text)) {
      const end = this.areaEnd(text, found.index, barred);
      if (end === undefined) this.beginning.lastIndex = found.index + 1;
      else {
        pieces.push(text.slice(done, found.index), this.cover(text.slice(found.index, end)));
        this.beginning.lastIndex = done = end;
      }
    }
    return pieces.join('') + text.slice(done);
  }

  /** Brings the marks back. */
  show(text: string): string {
    return text.replace(this.standIns, (standIn) => this.hidden.charAt(standIn.charCodeAt(0) - firstStandIn));
  }

  private cover(area: string): string {
    return area.replace(this.marks, (mark) => String.fromCharCode(firstStandIn + this.hidden.indexOf(mark)));
  }

  /** Where the area ends that begins at `at`, if one does. @param barred by area: where it may be looked for again */
  private areaEnd(text: string, at: number, barred: number[]): number | undefined {
    for (const [i, { opening, pattern, reach }] of this.areas.entries()) {
      if (at < (barred[i] ?? 0) || !text.startsWith(opening, at)) continue;
      pattern.lastIndex = at;
      if (pattern.test(text)) return pattern.lastIndex;
      if (reach === undefined) continue;
      const lineEnd = reach === 'line' ? text.indexOf('\n', at) : -1;
      barred[i] = lineEnd === -1 ? text.length : lineEnd;
    }
    return undefined;
  }
}
