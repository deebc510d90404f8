/** A media type: its parts, and its parameters by name, as written. */
export interface ContentType {
  /** In lower case, as `subtype`. */
  readonly type: string;
  readonly subtype: string;
  /** Quotes around a value are part of it. */
  readonly parameters: Map<string, string>;
}

/** Takes a Content-Type apart; `undefined` when it has no slash. */
export function parseContentType(text: string): ContentType | undefined {
  const [media = '', ...clauses] = text.split(';');
  const slash = media.indexOf('/');
  if (slash === -1) return undefined;
  const parameters = new Map<string, string>();
  for (const clause of clauses) {
    const equals = clause.indexOf('=');
    if (equals !== -1) parameters.set(clause.slice(0, equals).trim(), clause.slice(equals + 1).trim());
  }
  return { type: media.slice(0, slash).toLowerCase(), subtype: media.slice(slash + 1).toLowerCase(), parameters };
}

/** Puts a Content-Type together. */
export function formatContentType({ type, subtype, parameters }: ContentType): string {
  return [`${type}/${subtype}`, ...Array.from(parameters, ([name, value]) => `${name}=${value}`)].join('; ');
}
