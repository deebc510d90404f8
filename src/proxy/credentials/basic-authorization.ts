/** A user name and a password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * Reads the value of an Authorization or Proxy-Authorization field of the Basic scheme (RFC 7617, section 2). As in
 * mitmproxy, a password holds no colon.
 * @returns undefined for another scheme, and for what is not in this form
 */
export function readBasicAuthorization(value: string): Credentials | undefined {
  const encoded = /^[ \t]*basic[ \t]+([^ \t]+)[ \t]*$/i.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  const [username, password, ...more] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  if (username === undefined || password === undefined || more.length > 0) return undefined;
  return { username, password };
}

/** The value of such a field. @param credentials `USER:PASSWORD` */
export function writeBasicAuthorization(credentials: string): string {
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}
