import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { readBasicAuthorization } from '../../../src/proxy/credentials/basic-authorization.js';
import { readCredentialCheck } from '../../../src/proxy/credentials/credential-check.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';

describe('the option proxyauth', () => {
  it('takes any credentials', async () => {
    const check = await readCredentialCheck('any');
    expect(check.accepts({ username: '', password: '' })).toBe(true);
  });

  it('takes those of one user', async () => {
    const check = await readCredentialCheck('jöe:');
    expect(check.accepts({ username: 'jöe', password: '' })).toBe(true);
    expect(check.accepts({ username: 'jöe', password: 'x' })).toBe(false);
    expect(check.accepts({ username: 'jö', password: 'e' })).toBe(false);
  });

  it.each([
    ['hunter2', 'proxyauth takes USER:PASSWORD, any, or @FILE for an htpasswd file'],
    ['a:b:c', 'proxyauth takes USER:PASSWORD, neither of which holds a colon, any, or @FILE for an htpasswd file'],
    ['ldaps:host:dn:pw:base', 'proxyauth: LDAP is not supported; use an htpasswd file, @FILE'],
  ])('refuses %s without showing it', async (spec, message) => {
    await expect(readCredentialCheck(spec)).rejects.toThrow(message);
  });

  it('remembers what it found good, and finds out the same thing once', async () => {
    const path = join(temporaryDirectory(), 'users');
    writeFileSync(path, `joe:${await hash('password', 4)}\n`);
    const check = await readCredentialCheck(`@${path}`);
    const good = { username: 'joe', password: 'password' };
    const bad = { username: 'joe', password: 'guess' };
    const [first, second] = [check.accepts(good), check.accepts(good)];
    expect(first).toBeInstanceOf(Promise);
    expect(second).toBe(first);
    expect(await first).toBe(true);
    expect(check.accepts(good)).toBe(true);
    expect(await check.accepts(bad)).toBe(false);
    expect(check.accepts(bad)).toBeInstanceOf(Promise);
    expect(await check.accepts({ username: 'ann', password: 'password' })).toBe(false);
  });
});

describe('credentials of the Basic scheme', () => {
  it.each([
    ['Basic am9lOnBhc3M=', { username: 'joe', password: 'pass' }],
    ['bASIC   am9lOnBhc3M=  ', { username: 'joe', password: 'pass' }],
    ['Basic asO2ZTrDqQ==', { username: 'jöe', password: 'é' }],
    ['Basic Og==', { username: '', password: '' }],
    ['Basic', undefined],
    ['Basic am9l', undefined],
    ['Basic am9lOnBhOnNz', undefined],
    ['Bearer am9lOnBhc3M=', undefined],
    ['', undefined],
  ])('are read from %j', (value, credentials) => {
    expect(readBasicAuthorization(value)).toEqual(credentials);
  });
});
