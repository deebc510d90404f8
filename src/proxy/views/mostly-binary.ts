/** Whether more than three in ten of the first hundred bytes are no printable ASCII. */
export function isMostlyBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 100);
  let odd = 0;
  for (const byte of head) if (!isPlain(byte)) odd++;
  return odd / head.length > 0.3;
}

/** Whether the first byte that is no white space is `<`. */
export function looksLikeXml(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (!isBlank(byte)) return byte === 0x3c;
  return false;
}

function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 9 && byte <= 13);
}
