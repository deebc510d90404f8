import { createHash } from 'node:crypto';

/** Digits of base 64 in the order of crypt(3). */
const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Which bytes of the digest are written together, the most significant first. */
const groups = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]] as const;

/** Rounds that make guessing slow. */
const rounds = 1000;

/**
 * Apache's variant of the MD5 hash of crypt(3): `$apr1$SALT$DIGEST`.
 * @param salt up to 8 characters
 */
export function apacheMd5(password: string, salt: string): string {
  const secret = Buffer.from(password, 'utf8');
  let digest = md5(secret, '$apr1$', salt, ...lengthDependent(secret, salt));
  for (let i = 0; i < rounds; i++) {
    const isOdd = i % 2 === 1;
    digest = md5(isOdd ? secret : digest, i % 3 === 0 ? '' : salt, i % 7 === 0 ? '' : secret, isOdd ? digest : secret);
  }
  return `$apr1$${salt}$${groups.map((group) => written(group.map((at) => digest[at] ?? 0))).join('')}`;
}

/** As many bytes of another digest as the password has, then a byte for each bit of that length. */
function lengthDependent(secret: Buffer, salt: string): readonly Buffer[] {
  const other = md5(secret, salt, secret);
  const bits: number[] = [];
  for (let length = secret.length; length > 0; length >>= 1) bits.push(length % 2 === 1 ? 0 : (secret[0] ?? 0));
  return [Buffer.alloc(secret.length, other), Buffer.from(bits)];
}

function md5(...parts: readonly (Buffer | string)[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** One to three bytes as digits, the least significant first. */
function written(bytes: readonly number[]): string {
  let number = bytes.reduce((all, byte) => (all << 8) | byte, 0);
  let text = '';
  for (let left = bytes.length === 1 ? 2 : 4; left > 0; left--) {
    text += digits[number & 63] ?? '';
    number >>= 6;
  }
  return text;
}
