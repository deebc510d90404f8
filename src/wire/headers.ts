/**
 * Header fields as they stood on the wire: order, case, duplicates and bytes outside ASCII are kept.
 * Where they lie is found out when somebody first asks; views are made of those that are asked for.
 */

/** A field as received: views into the head. */
export type RawField = readonly [name: Buffer, value: Buffer];

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;

/** Numbers in {@link HeaderFields.places} a field. */
const numbersPerField = 4;

export class HeaderFields implements Iterable<RawField> {
  /** For each field in turn: start and end of its name, start and end of its value. */
  private found: readonly number[] | undefined;

  /** @param block the field lines, each ended by LF or CRLF, without the blank line */
  constructor(private readonly block: Buffer) {}

  /** Fields made of ISO 8859-1 text. */
  static of(fields: readonly (readonly [name: string, value: string])[]): HeaderFields {
    return new HeaderFields(Buffer.from(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''), 'latin1'));
  }

  /** Fields of a list, as HTTP/2 has them: names may hold colons, and values line ends. */
  static ofList(fields: readonly { readonly name: string; readonly value: string }[]): HeaderFields {
    const lines = fields.map(({ name, value }) => `${name}: ${value}\r\n`);
    const places: number[] = [];
    let at = 0;
    for (const { name, value } of fields) {
      const from = at + name.length + 2;
      places.push(at, at + name.length, from, from + value.length);
      at = from + value.length + 2;
    }
    const headers = new HeaderFields(Buffer.from(lines.join(''), 'latin1'));
    headers.found = places;
    return headers;
  }

  /** The field lines as received. */
  get raw(): Buffer {
    return this.block;
  }

  /** The field lines as they are sent: as received, but that each line ends with CRLF. */
  get lines(): Buffer {
    return hasBareEnd(this.block) ? withEnds(this.block) : this.block;
  }

  /** How many fields there are, duplicates included. */
  get size(): number {
    return this.places.length / numbersPerField;
  }

  /** The first value of a name, whatever its case, as ISO 8859-1 text. A folded value is one line. */
  get(name: string): string | undefined {
    const at = this.find(name, 0);
    return at === -1 ? undefined : this.value(at);
  }

  /** All values of a name, in order; as {@link get}. */
  getAll(name: string): readonly string[] {
    const values: string[] = [];
    for (let at = this.find(name, 0); at !== -1; at = this.find(name, at + numbersPerField))
      values.push(this.value(at));
    return values;
  }

  has(name: string): boolean {
    return this.find(name, 0) !== -1;
  }

  /** Names and values as ISO 8859-1 text, in order; values as by {@link get}. */
  entries(): (readonly [name: string, value: string])[] {
    const { block, places } = this;
    const entries: (readonly [string, string])[] = [];
    for (let at = 0; at < places.length; at += numbersPerField) {
      entries.push([block.toString('latin1', places[at], places[at + 1]), this.value(at)]);
    }
    return entries;
  }

  /** The first name that is empty, or has a byte whose entry in the table is 0. */
  nameOutside(allowed: Uint8Array): Buffer | undefined {
    const { block, places } = this;
    for (let i = 0; i < places.length; i += numbersPerField) {
      const start = places[i] ?? 0;
      const end = places[i + 1] ?? 0;
      let at = start;
      while (at < end && allowed[block[at] ?? 0] !== 0) at++;
      if (at < end || start === end) return block.subarray(start, end);
    }
    return undefined;
  }

  /**
   * The same fields, but that the only one of a name has another value; with that field at the end when there is
   * none. All other bytes stay as they are.
   * @param name ISO 8859-1 text, as are values; neither has line ends
   * @returns undefined when there are several of that name
   */
  with(name: string, value: string): HeaderFields | undefined {
    const { block, places } = this;
    const at = this.find(name, 0);
    if (at === -1) return this.withLast(`${name}: ${value}\r\n`, name.length, value.length);
    if (this.find(name, at + numbersPerField) !== -1) return undefined;
    const from = places[at + 2] ?? 0;
    const to = places[at + 3] ?? 0;
    const changed = Buffer.allocUnsafe(block.length - (to - from) + value.length);
    changed.set(block.subarray(0, from));
    changed.write(value, from, 'latin1');
    changed.set(block.subarray(to), from + value.length);
    const moved = places.slice();
    moved[at + 3] = from + value.length;
    for (let i = at + numbersPerField; i < moved.length; i++) moved[i] = (moved[i] ?? 0) + value.length - (to - from);
    return HeaderFields.at(changed, moved);
  }

  private withLast(line: string, name: number, value: number): HeaderFields {
    const { block, places } = this;
    const start = block.length;
    const changed = Buffer.concat([block, Buffer.from(line, 'latin1')]);
    return HeaderFields.at(changed, [...places, start, start + name, start + name + 2, start + name + 2 + value]);
  }

  private static at(block: Buffer, places: readonly number[]): HeaderFields {
    const fields = new HeaderFields(block);
    fields.found = places;
    return fields;
  }

  /** The fields in order, byte for byte; a line without a colon is a name with an empty value. */
  *[Symbol.iterator](): Generator<RawField, void, undefined> {
    const { block, places } = this;
    for (let at = 0; at < places.length; at += numbersPerField) {
      yield [block.subarray(places[at], places[at + 1]), block.subarray(places[at + 2], places[at + 3])];
    }
  }

  /**
   * Calls back for each field, the last one first, with where its name and its value lie in {@link raw}: start and
   * end of each. For writers that make no views.
   */
  eachBackward(visit: (nameStart: number, nameEnd: number, valueStart: number, valueEnd: number) => void): void {
    const { places } = this;
    for (let at = places.length - numbersPerField; at >= 0; at -= numbersPerField) {
      visit(places[at] ?? 0, places[at + 1] ?? 0, places[at + 2] ?? 0, places[at + 3] ?? 0);
    }
  }

  private get places(): readonly number[] {
    return (this.found ??= placesIn(this.block));
  }

  /** Index in {@link places} of the first field of a name at or behind `from`, or -1. */
  private find(name: string, from: number): number {
    const { block, places } = this;
    const wanted = name.toLowerCase();
    for (let at = from; at < places.length; at += numbersPerField) {
      const start = places[at] ?? 0;
      if ((places[at + 1] ?? 0) - start === wanted.length && isAt(block, start, wanted)) return at;
    }
    return -1;
  }

  private value(at: number): string {
    const text = this.block.toString('latin1', this.places[at + 2], this.places[at + 3]);
    // obs-fold counts as a space (RFC 9112, section 5.2).
    return text.includes('\n') ? text.replace(/\r?\n[ \t]+/g, ' ') : text;
  }
}

/** Whether a line ends with a lone LF. */
function hasBareEnd(block: Buffer): boolean {
  for (let end = block.indexOf(lineFeed); end !== -1; end = block.indexOf(lineFeed, end + 1)) {
    if (block[end - 1] !== carriageReturn) return true;
  }
  return false;
}

/** The lines, each ended by CRLF. */
function withEnds(block: Buffer): Buffer {
  return Buffer.from(block.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}

/** Whether the bytes at `start` are this lower case text, whatever their case. */
function isAt(block: Buffer, start: number, wanted: string): boolean {
  for (let i = 0; i < wanted.length; i++) {
    const byte = block[start + i] ?? 0;
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== wanted.charCodeAt(i)) return false;
  }
  return true;
}

/** A line that begins with white space continues the field before it (obs-fold, RFC 9112, section 5.2). */
function placesIn(block: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = 0; at < block.length;) {
    const end = endOfField(block, at);
    // By hand: a search would run on into the fields behind this one.
    let separator = at;
    while (separator < end && block[separator] !== colon) separator++;
    const to = trimEnd(block, at, end);
    if (separator === end) places.push(at, to, to, to);
    else places.push(at, separator, trimStart(block, separator + 1, to), Math.max(separator + 1, to));
    at = end;
  }
  return places;
}

function endOfField(block: Buffer, at: number): number {
  for (let from = at; ;) {
    const line = block.indexOf(lineFeed, from);
    if (line === -1) return block.length;
    if (!isBlank(block[line + 1])) return line + 1;
    from = line + 1;
  }
}

function trimStart(block: Buffer, from: number, to: number): number {
  let start = from;
  while (start < to && isSpace(block[start])) start++;
  return start;
}

function trimEnd(block: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && isSpace(block[end - 1])) end--;
  return end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

/** White space, or a part of a line end. */
function isSpace(byte: number | undefined): boolean {
  return isBlank(byte) || byte === lineFeed || byte === carriageReturn;
}
