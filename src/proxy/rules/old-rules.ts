/** Rules as the options of mitmproxy 1.0 had them, in the notation of today. */

/** That of `--setheader`: its value had no escapes, and was never that of a file. */
export function ruleOfSetHeader(rule: string): string {
  return withReplacement(rule, (value) => literal(value.replaceAll('\\', '\\\\')));
}

/** That of `--replace`: its replacement was never that of a file. It is for the option `replacements`. */
export function ruleOfReplace(rule: string): string {
  return withReplacement(rule, literal);
}

/** That of `--replace-from-file`, for the option `replacements`. */
export function ruleOfReplaceFromFile(rule: string): string {
  return withReplacement(rule, (path) => `@${path}`);
}

function withReplacement(rule: string, change: (replacement: string) => string): string {
  const separator = rule.charAt(0);
  const parts = rule.slice(1).split(separator);
  const last = parts.slice(2).length > 0 ? parts.slice(2).join(separator) : parts.pop();
  // What lacks a part is refused by whoever reads it.
  if (last === undefined || parts.length === 0) return rule;
  return separator + [...parts.slice(0, 2), change(last)].join(separator);
}

/** Text that does not name a file. */
function literal(text: string): string {
  return text.startsWith('@') ? `\\x40${text.slice(1)}` : text;
}
