/** Bytes of a line that a complaint shows. */
const maximumShown = 4096;

/** Bytes as Python shows them, which is how the ancestor's complaints name them: `b'foo\r\n'`. */
export function bytesRepr(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let text = '';
  for (const byte of bytes) text += shown(byte, quote);
  return `b${quote}${text}${quote}`;
}

/** As {@link bytesRepr} for a complaint: of a line longer than 4096 bytes only the beginning, and how much follows. */
export function lineRepr(line: Uint8Array): string {
  if (line.length <= maximumShown) return bytesRepr(line);
  return `${bytesRepr(line.subarray(0, maximumShown))} and ${String(line.length - maximumShown)} bytes more`;
}

function shown(byte: number, quote: string): string {
  const character = String.fromCharCode(byte);
  if (character === quote || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).padStart(2, '0')}` : character;
}
