import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { OptionError } from '../../../src/errors.js';
import { apacheMd5 } from '../../../src/proxy/credentials/apache-md5.js';
import { Htpasswd } from '../../../src/proxy/credentials/htpasswd.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

async function accepts(text: string, username: string, password: string): Promise<boolean> {
  return await Htpasswd.parse(text, 'users').accepts({ username, password });
}

describe('an htpasswd file', () => {
  it.each(['$2y$', '$2a$', '$2b$'])('knows bcrypt as %s', async (kind) => {
    const line = `joe:${(await hash('pässword', 4)).replace(/^\$2.\$/, kind)}\n`;
    expect(await accepts(line, 'joe', 'pässword')).toBe(true);
    expect(await accepts(line, 'joe', 'passwort')).toBe(false);
    expect(await accepts(line, 'ann', 'pässword')).toBe(false);
  });

  it('knows Apache MD5 and SHA-1', async () => {
    const text = `# users\n\njoe:${sha}\r\n  \napr:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/`;
    expect(await accepts(text, 'joe', 'password')).toBe(true);
    expect(await accepts(text, 'apr', 'secret')).toBe(true);
    expect(await accepts(text, 'apr', 'password')).toBe(false);
    expect(await accepts(text, 'joe', '')).toBe(false);
  });

  it('takes the first line of a user', async () => {
    expect(await accepts(`joe:${sha}\njoe:{SHA}${'A'.repeat(27)}=\n`, 'joe', 'password')).toBe(true);
  });

  it.each([
    ['joe', 'no colon between user and hash'],
    ['joe:rl/9QOxAH9sB6', 'the hash is of no known kind'],
    ['joe:verysecret', 'the hash is of no known kind'],
    ['joe:$5$salt$x', 'the hash is of no known kind'],
    ['joe:$2y$05$short', 'the hash is of no known kind'],
  ])('refuses the line %s, and does not show it', (line, reason) => {
    const attempt = (): Htpasswd => Htpasswd.parse(`joe:${sha}\n${line}\n`, '/etc/users');
    expect(attempt).toThrow(OptionError);
    expect(attempt).toThrow(`htpasswd file /etc/users, line 2: ${reason}`);
    expect(attempt).not.toThrow(/verysecret/);
  });

  it('says why it cannot be read', async () => {
    const directory = temporaryDirectory();
    await expect(Htpasswd.open(join(directory, 'none'))).rejects.toThrow(
      `cannot read htpasswd file ${join(directory, 'none')}: No such file or directory`,
    );
    await expect(Htpasswd.open(directory)).rejects.toThrow(OptionError);
    writeFileSync(join(directory, 'users'), `joe:${sha}\n`);
    const file = await Htpasswd.open(join(directory, 'users'));
    expect(file.accepts({ username: 'joe', password: 'password' })).toBe(true);
  });
});

describe('the MD5 of Apache', () => {
  it.skipIf(!hasProgram('openssl')).each([
    ['', 'a'],
    ['a', 'abcdefgh'],
    ['pässwörd', 'x/y.z'],
    ['0123456789abcdef', 'abcdefgh'],
    ['0123456789abcdef0', 'abcdefgh'],
    ['x'.repeat(70), '12345678'],
  ])('is that of openssl for %j', async (password, salt) => {
    const { stdout } = await run('openssl', ['passwd', '-apr1', '-salt', salt, password]);
    expect(apacheMd5(password, salt)).toBe(stdout.trim());
  });
});
