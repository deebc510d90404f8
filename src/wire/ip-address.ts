/** Addresses as text and as the bytes that protocols carry. */

/** The 4 or 16 bytes of an address, IPv6 without brackets; undefined for anything else, such as a name. */
export function addressBytes(text: string): Buffer | undefined {
  if (text.includes(':')) return ipv6Bytes(text);
  const parts = text.split('.');
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isAddress ? Buffer.from(parts.map(Number)) : undefined;
}

/** The text of an address of 4 or 16 bytes, IPv6 in its shortest form (RFC 5952) and without brackets. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return shortest(groups.join(':')) ?? groups.join(':');
}

function ipv6Bytes(text: string): Buffer | undefined {
  const canonical = shortest(text);
  if (canonical === undefined) return undefined;
  const [head = [], tail] = canonical.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const zeros = tail === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...(tail ?? [])].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The WHATWG URL parser knows all spellings of an address, and writes the shortest. */
function shortest(text: string): string | undefined {
  if (!/^[\da-f:.]+$/i.test(text)) return undefined;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : undefined;
}
