import { settingIds } from '../../wire/http2-registry.js';
import { declareClause, PlainClause } from '../clause.js';
import { boundedNumber, namedNumber } from '../named-number.js';
import type { NamedNumber } from '../named-number.js';
import type { Part } from '../scan.js';

/** One setting of a SETTINGS frame (RFC 9113, section 6.5.1). */
export class Setting extends PlainClause {
  readonly name = 'setting';

  constructor(
    private readonly written: NamedNumber,
    readonly value: number,
  ) {
    super();
  }

  /** 0 to 65535. */
  get id(): number {
    return this.written.number;
  }

  get spec(): string {
    return `${this.written.spec}=${String(this.value)}`;
  }
}

const id = namedNumber(settingIds, { label: 'SETTING', noun: 'setting', maximum: 0xffff });

/** A number is a setting only where `=` follows: it may be the code of a response that follows the frame. */
const name: Part<NamedNumber> = {
  ...id,
  scan: (text, at) => (/^\s*\d\w*(?!\w|\s*=)/.test(text.slice(at, at + 64)) ? undefined : id.scan(text, at)),
};

export const setting = declareClause({
  name: 'setting',
  syntax: [name, '=', boundedNumber({ label: 'INTEGER', subject: 'the value of a setting', maximum: 0xffffffff })],
  help: `Add a setting (settings), by number or name: ${Object.keys(settingIds).join(', ')}.`,
  make: ([written, value]) => new Setting(written, value),
});
