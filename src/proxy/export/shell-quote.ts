/** A word as a POSIX shell reads it back: in quotes unless it holds nothing that needs them. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
