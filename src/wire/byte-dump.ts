/** Bytes as the text logs show them: as text, or in hexadecimal. */

const bytesPerLine = 16;
/** Columns of the hexadecimal part: 16 pairs with spaces between them. */
const hexWidth = 3 * bytesPerLine - 1;

/**
 * Bytes as lines of text, each behind a tab. CR, LF and TAB are kept; every other control character
 * and every byte outside ASCII is a full stop. What ends in LF has an empty last line.
 */
export function textDump(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/[^\t\n\r\x20-\x7e]/g, '.');
  return text
    .split('\n')
    .map((line) => `\t${line}\n`)
    .join('');
}

/** Bytes as lines of offset, hexadecimal pairs and text, 16 to a line, each behind a tab. */
export function hexDump(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += bytesPerLine) {
    const part = bytes.subarray(at, at + bytesPerLine);
    const pairs = (part.toString('hex').match(/../g) ?? []).join(' ').padEnd(hexWidth);
    const text = part.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    lines.push(`\t${at.toString(16).padStart(10, '0')} ${pairs} ${text}\n`);
  }
  return lines.join('');
}
