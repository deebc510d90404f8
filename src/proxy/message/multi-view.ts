/**
 * Pairs that a message holds in another form, such as the parameters of its query: read when asked,
 * written back when changed. Names may stand several times, and keep their order.
 */
export class MultiView<V> implements Iterable<readonly [name: string, value: V]> {
  constructor(
    private readonly load: () => readonly (readonly [name: string, value: V])[],
    private readonly store: (pairs: readonly (readonly [name: string, value: V])[]) => void,
  ) {}

  /** How many pairs there are. */
  get size(): number {
    return this.load().length;
  }

  /** The first value of a name. */
  get(name: string): V | undefined {
    return this.load().find(([other]) => other === name)?.[1];
  }

  /** All values of a name, in order. */
  getAll(name: string): readonly V[] {
    return this.load()
      .filter(([other]) => other === name)
      .map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.load().some(([other]) => other === name);
  }

  /** Gives a name one value, in place of the first pair of that name, or at the end. */
  set(name: string, value: V): void {
    this.setAll(name, [value]);
  }

  /** Gives a name these values: pairs of that name keep their place, the rest goes to the end. */
  setAll(name: string, values: readonly V[]): void {
    const left = [...values];
    const kept = this.load().flatMap((pair) => {
      if (pair[0] !== name) return [pair];
      const next = left.splice(0, 1);
      return next.map((value) => [name, value] as const);
    });
    this.store([...kept, ...left.map((value) => [name, value] as const)]);
  }

  /** Puts a pair at the end. */
  add(name: string, value: V): void {
    this.insert(this.size, name, value);
  }

  /** Puts a pair before the one at `index`, counted from the end when it is negative. */
  insert(index: number, name: string, value: V): void {
    this.store(this.load().toSpliced(index, 0, [name, value]));
  }

  /** Removes all pairs of a name. Gives whether there were any. */
  delete(name: string): boolean {
    const pairs = this.load();
    const kept = pairs.filter(([other]) => other !== name);
    if (kept.length < pairs.length) this.store(kept);
    return kept.length < pairs.length;
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: V]> {
    return this.load()[Symbol.iterator]();
  }
}
