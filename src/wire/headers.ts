/**
 * Header fields as they stood on the wire: order, case, duplicates and bytes outside ASCII are kept.
 * They are parsed when somebody first asks.
 */

/** A field as received: views into the head. */
export type RawField = readonly [name: Buffer, value: Buffer];

export class HeaderFields implements Iterable<RawField> {
  private parsed: readonly RawField[] | undefined;

  /** @param block the field lines, each ended by LF or CRLF, without the blank line */
  constructor(private readonly block: Buffer) {}

  /** Fields made of ISO 8859-1 text. */
  static of(fields: readonly (readonly [name: string, value: string])[]): HeaderFields {
    return new HeaderFields(Buffer.from(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''), 'latin1'));
  }

  /** The field lines as received. */
  get raw(): Buffer {
    return this.block;
  }

  get size(): number {
    return this.fields.length;
  }

  /** The first value of a name, whatever its case, as ISO 8859-1 text. */
  get(name: string): string | undefined {
    return this.find(name)[0];
  }

  /** All values of a name, in order. */
  getAll(name: string): readonly string[] {
    return this.find(name);
  }

  has(name: string): boolean {
    return this.find(name).length > 0;
  }

  /** Names and values as ISO 8859-1 text, in order. */
  entries(): (readonly [name: string, value: string])[] {
    return this.fields.map(([name, value]) => [name.toString('latin1'), value.toString('latin1')] as const);
  }

  [Symbol.iterator](): Iterator<RawField> {
    return this.fields[Symbol.iterator]();
  }

  private get fields(): readonly RawField[] {
    return (this.parsed ??= parseFields(this.block));
  }

  private find(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    return this.fields
      .filter(([key]) => key.length === wanted.length && key.toString('latin1').toLowerCase() === wanted)
      .map(([, value]) => value.toString('latin1'));
  }
}

const colon = 0x3a;
const lineFeed = 0x0a;

/** A line that begins with white space continues the value before it (obs-fold, RFC 9112 section 5.2). */
function parseFields(block: Buffer): readonly RawField[] {
  const fields: RawField[] = [];
  for (let at = 0; at < block.length; ) {
    const end = endOfField(block, at);
    const separator = block.indexOf(colon, at);
    const hasColon = separator !== -1 && separator < end;
    const name = block.subarray(at, hasColon ? separator : trimEnd(block, at, end));
    fields.push([name, hasColon ? trimmed(block, separator + 1, end) : block.subarray(end, end)]);
    at = end;
  }
  return fields;
}

function endOfField(block: Buffer, at: number): number {
  for (let from = at; ; ) {
    const line = block.indexOf(lineFeed, from);
    if (line === -1) return block.length;
    if (!isBlank(block[line + 1])) return line + 1;
    from = line + 1;
  }
}

function trimmed(block: Buffer, from: number, to: number): Buffer {
  let start = from;
  const end = trimEnd(block, from, to);
  while (start < end && isBlank(block[start])) start++;
  return block.subarray(start, end);
}

function trimEnd(block: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && (isBlank(block[end - 1]) || block[end - 1] === lineFeed || block[end - 1] === 0x0d)) end--;
  return end;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
