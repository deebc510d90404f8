/** Who may use the proxy: what the option `proxyauth` says. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { OptionError } from '../../errors.js';
import { namingOption } from '../naming-option.js';
import type { Credentials } from './basic-authorization.js';
import { Htpasswd } from './htpasswd.js';

/** How many credentials that were found good are remembered. */
const remembered = 1000;

/** Tells good credentials from bad ones. */
export interface CredentialCheck {
  /** @returns a promise only when it takes a while to tell; it never rejects */
  accepts(credentials: Credentials): boolean | Promise<boolean>;
}

/**
 * Reads `any`, `USER:PASSWORD` or `@FILE`, the path of an htpasswd file.
 * @throws {OptionError} for something else, and when the file cannot be read or used
 */
export async function readCredentialCheck(spec: string): Promise<CredentialCheck> {
  if (spec === 'any') return { accepts: () => true };
  if (/^ldaps?:/.test(spec)) throw new OptionError('proxyauth: LDAP is not supported; use an htpasswd file, @FILE');
  if (spec.startsWith('@')) {
    return new RememberedCheck(await namingOption('proxyauth', () => Htpasswd.open(spec.slice(1))));
  }
  const [username, password, ...more] = spec.split(':');
  if (username === undefined || password === undefined || more.length > 0) {
    const form = more.length > 0 ? ', neither of which holds a colon' : '';
    // The value may be a password that was mistyped.
    throw new OptionError(`proxyauth takes USER:PASSWORD${form}, any, or @FILE for an htpasswd file`);
  }
  return new SingleUser({ username, password });
}

/** Digests of credentials, which tell nothing to those without the key and can be compared in constant time. */
class Digest {
  private readonly key = randomBytes(32);

  of({ username, password }: Credentials): Buffer {
    return createHmac('sha256', this.key)
      .update(`${String(username.length)}:${username}:${password}`)
      .digest();
  }
}

class SingleUser implements CredentialCheck {
  private readonly digest = new Digest();
  private readonly wanted: Buffer;

  constructor(credentials: Credentials) {
    this.wanted = this.digest.of(credentials);
  }

  accepts(credentials: Credentials): boolean {
    return timingSafeEqual(this.digest.of(credentials), this.wanted);
  }
}

/**
 * Remembers what was found good, since it takes long to find out. The rest is found out one after the other, so that
 * many guesses at once do not stop everything else.
 */
class RememberedCheck implements CredentialCheck {
  private readonly digest = new Digest();
  private readonly good = new Set<string>();
  private readonly underWay = new Map<string, Promise<boolean>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly file: Htpasswd) {}

  accepts(credentials: Credentials): boolean | Promise<boolean> {
    const key = this.digest.of(credentials).toString('latin1');
    return this.good.has(key) || (this.underWay.get(key) ?? this.find(credentials, key));
  }

  private find(credentials: Credentials, key: string): Promise<boolean> {
    const found = this.last
      .then(() => this.file.accepts(credentials))
      .catch(() => false)
      .then((isGood) => {
        this.underWay.delete(key);
        if (isGood) this.remember(key);
        return isGood;
      });
    this.underWay.set(key, found);
    this.last = found;
    return found;
  }

  private remember(key: string): void {
    const [oldest] = this.good;
    if (this.good.size >= remembered && oldest !== undefined) this.good.delete(oldest);
    this.good.add(key);
  }
}
