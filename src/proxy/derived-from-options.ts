import type { ProxyValues } from './options.js';

/** Something that is made from some options, and made anew when one of those has changed. */
export class DerivedFromOptions<T> {
  private values: ProxyValues | undefined;
  private made: Promise<T> | undefined;

  constructor(
    private readonly keys: readonly (keyof ProxyValues)[],
    private readonly make: (values: ProxyValues) => Promise<T>,
  ) {}

  /** What it is for these values. Rejects as its maker does, until one of the options changes. */
  of(values: ProxyValues): Promise<T> {
    const { made, values: known } = this;
    if (made !== undefined && known !== undefined) {
      if (known === values || this.keys.every((key) => known[key] === values[key])) return made;
    }
    this.values = values;
    this.made = this.make(values);
    return this.made;
  }
}
