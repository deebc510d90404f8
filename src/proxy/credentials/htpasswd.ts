/**
 * Files of Apache's htpasswd: a line `USER:HASH` for each user. Hashes are those of bcrypt (`$2y$`), of Apache's MD5
 * (`$apr1$`), and SHA-1 in base64 (`{SHA}`).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import { apacheMd5 } from './apache-md5.js';
import type { Credentials } from './basic-authorization.js';

/** How a kind of hash is told from others, and a password compared with it. */
interface Scheme {
  readonly form: RegExp;
  matches(password: string, hash: string): boolean | Promise<boolean>;
}

const schemes: readonly Scheme[] = [
  { form: /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/, matches: matchesBcrypt },
  { form: /^\$apr1\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22}$/, matches: matchesApacheMd5 },
  { form: /^\{SHA\}[+/A-Za-z0-9]{27}=$/, matches: matchesSha1 },
];

/** Who may come in, by their hashed passwords. */
export class Htpasswd {
  private constructor(private readonly users: ReadonlyMap<string, Entry>) {}

  /** @throws {OptionError} when the file cannot be read, and for a line that cannot be used; it does not show the line */
  static async open(path: string): Promise<Htpasswd> {
    let text: string;
    try {
      text = await readFile(expandHome(path), 'utf8');
    } catch (error) {
      throw new OptionError(`cannot read htpasswd file ${path}: ${systemReason(error).reason}`);
    }
    return Htpasswd.parse(text, path);
  }

  /** @param path for messages. @throws {OptionError} for a line that cannot be used */
  static parse(text: string, path: string): Htpasswd {
    const users = new Map<string, Entry>();
    text.split('\n').forEach((line, i) => {
      if (/^\s*(?:#|$)/.test(line)) return;
      const place = `htpasswd file ${path}, line ${String(i + 1)}`;
      const [, user, hash = ''] = /^([^:]*):(.*?)\s*$/.exec(line) ?? [];
      if (user === undefined) throw new OptionError(`${place}: no colon between user and hash`);
      const scheme = schemes.find(({ form }) => form.test(hash));
      if (scheme === undefined) {
        throw new OptionError(
          `${place}: the hash is of no known kind; make it with htpasswd -B (bcrypt), -m (MD5) or -s (SHA-1)`,
        );
      }
      // The first line of a user counts, as in Apache.
      if (!users.has(user)) users.set(user, { hash, scheme });
    });
    return new Htpasswd(users);
  }

  /** Whether there is such a user with that password. */
  accepts({ username, password }: Credentials): boolean | Promise<boolean> {
    const entry = this.users.get(username);
    return entry === undefined ? false : entry.scheme.matches(password, entry.hash);
  }
}

interface Entry {
  readonly hash: string;
  readonly scheme: Scheme;
}

async function matchesBcrypt(password: string, hash: string): Promise<boolean> {
  const { default: bcrypt } = await import('bcryptjs');
  return bcrypt.compare(password, hash);
}

function matchesApacheMd5(password: string, hash: string): boolean {
  return equal(apacheMd5(password, hash.split('$')[2] ?? ''), hash);
}

function matchesSha1(password: string, hash: string): boolean {
  return equal(`{SHA}${createHash('sha1').update(password, 'utf8').digest('base64')}`, hash);
}

/** Compares in a time that tells nothing of the texts but their lengths, which are known. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
