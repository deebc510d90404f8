/**
 * The client's side of SOCKS version 5, without its connection: push bytes in, pull steps out.
 *
 *     ours     05 methods . . . . . 01 name password . . . . 05 request . . . . . . .
 *     theirs   . . . . . 05 method . . . . . . . . 01 status . . . . . 05 reply | rest
 */
import { ProtocolError } from '../errors.js';
import { ByteQueue } from './byte-queue.js';
import { bytesRepr } from './bytes-repr.js';
import {
  credentialsVersion,
  encodeSocksAddress,
  readSocksAddress,
  socksCommands,
  socksMethods,
  socksReplies,
  socksText,
  socksVersion,
} from './socks5.js';
import type { SocksAddress, SocksCredentials } from './socks5.js';

/** What is to be done next. */
export type Socks5ClientStep =
  | { readonly type: 'send'; readonly bytes: Buffer }
  /** The tunnel is there. `bound` is where the proxy connects from, if it says so. */
  | { readonly type: 'connected'; readonly bound: SocksAddress };

/** Has a proxy connect to a target. Names are sent as they are, so that the proxy looks them up. */
export class Socks5Client {
  private readonly queue = new ByteQueue();
  private readonly request: Buffer;
  private readonly login: Buffer | undefined;
  private state: 'greet' | 'method' | 'status' | 'reply' | 'over' = 'greet';

  /** @throws {OptionError} for a host, user name or password of more than 255 bytes */
  constructor(
    target: SocksAddress,
    private readonly credentials?: SocksCredentials,
  ) {
    this.request = Buffer.concat([Buffer.from([socksVersion, socksCommands.connect, 0]), encodeSocksAddress(target)]);
    if (credentials === undefined) return;
    const { username, password } = credentials;
    const parts = [
      Buffer.from([credentialsVersion]),
      socksText(username, 'user name'),
      socksText(password, 'password'),
    ];
    this.login = Buffer.concat(parts);
  }

  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /**
   * The peer has ended before the tunnel was there.
   * @throws {ProtocolError} that says so
   */
  finish(): never {
    const after = this.state === 'method' ? 'the greeting' : this.state === 'status' ? 'the password' : 'the request';
    throw new ProtocolError(`the SOCKS proxy closed the connection after ${after}`);
  }

  /**
   * The next step; undefined when bytes are needed for it.
   * @throws {ProtocolError} when the peer refuses, or does not speak SOCKS version 5
   */
  next(): Socks5ClientStep | undefined {
    switch (this.state) {
      case 'greet':
        this.state = 'method';
        return this.greeting();
      case 'method':
        return this.takeMethod();
      case 'status':
        return this.takeStatus();
      case 'reply':
        return this.takeReply();
      case 'over':
        return undefined;
    }
  }

  /** What came behind the reply: it belongs to the tunnel. */
  detach(): Buffer {
    return this.queue.takeAll();
  }

  private greeting(): Socks5ClientStep {
    const methods =
      this.credentials === undefined ? [socksMethods.none] : [socksMethods.none, socksMethods.credentials];
    return { type: 'send', bytes: Buffer.from([socksVersion, methods.length, ...methods]) };
  }

  private takeMethod(): Socks5ClientStep | undefined {
    const { queue } = this;
    if (queue.length > 0) this.checkVersion('greeting');
    if (queue.length < 2) return undefined;
    const method = queue.take(2)[1] ?? 0;
    if (method === socksMethods.none) return this.sendRequest();
    if (method === socksMethods.credentials && this.login !== undefined) {
      this.state = 'status';
      return { type: 'send', bytes: this.login };
    }
    throw new ProtocolError(this.methodComplaint(method));
  }

  private methodComplaint(method: number): string {
    if (method !== socksMethods.noneAcceptable) {
      return `the SOCKS proxy chose the authentication method ${String(method)}, which was not offered`;
    }
    return this.login === undefined
      ? 'the SOCKS proxy wants authentication, and no user name was given'
      : 'the SOCKS proxy accepts neither a user name with a password nor no authentication';
  }

  private takeStatus(): Socks5ClientStep | undefined {
    if (this.queue.length < 2) return undefined;
    if (this.queue.take(2)[1] === 0) return this.sendRequest();
    throw new ProtocolError('the SOCKS proxy does not accept the user name and password');
  }

  private sendRequest(): Socks5ClientStep {
    this.state = 'reply';
    return { type: 'send', bytes: this.request };
  }

  private takeReply(): Socks5ClientStep | undefined {
    const { queue } = this;
    if (queue.length > 0) this.checkVersion('request');
    if (queue.length < 2) return undefined;
    const code = queue.at(1);
    // Some proxies leave the address out when they refuse.
    if (code !== 0) {
      const name = socksReplies[code] ?? 'unassigned';
      throw new ProtocolError(`the SOCKS proxy refused: ${name} (reply ${String(code)})`);
    }
    const read = readSocksAddress(queue, 3);
    if (read === undefined) return undefined;
    if (read === 'unknown type') throw new ProtocolError('the SOCKS proxy sent an address of an unknown type');
    queue.skip(read.end);
    this.state = 'over';
    return { type: 'connected', bound: read.address };
  }

  private checkVersion(what: string): void {
    if (this.queue.at(0) === socksVersion) return;
    const start = bytesRepr(this.queue.peek().subarray(0, 16));
    throw new ProtocolError(`not a SOCKS5 proxy: it answered the ${what} with ${start}`);
  }
}
