/** Control characters of ASCII and ISO 8859-1, line ends of Unicode, and what changes the direction of text. */
const unprintable = /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text on one line, whoever wrote it: what would end the line or steer a terminal is shown as in JSON, `\n` or `\u001b`. */
export function oneLine(text: string): string {
  return text.replace(unprintable, escape);
}

function escape(character: string): string {
  const named = JSON.stringify(character).slice(1, -1);
  return named === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : named;
}
