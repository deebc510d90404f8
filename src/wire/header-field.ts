/** A header field as HTTP/2 carries it. Text has a character a byte (latin1). */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  /** Written as never to be indexed, on this and all later hops (RFC 7541, section 6.2.3). */
  readonly neverIndexed: boolean;
}

/** What a field counts in a dynamic table and in a header list (RFC 7541, section 4.1; RFC 9113, section 6.5.2). */
export function fieldSize(field: Pick<HeaderField, 'name' | 'value'>): number {
  return field.name.length + field.value.length + 32;
}
