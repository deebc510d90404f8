/** The server's side of SOCKS version 5, without its connection: push bytes in, pull events out. */
import { ByteQueue } from './byte-queue.js';
import { bytesRepr } from './bytes-repr.js';
import {
  credentialsVersion,
  encodeSocksAddress,
  readSocksAddress,
  socksCommands,
  socksMethods,
  socksReplies,
  socksVersion,
} from './socks5.js';
import type { SocksAddress, SocksCommand, SocksCredentials, SocksReply } from './socks5.js';

/** What a client did, or what is to be done. */
export type Socks5ServerEvent =
  | { readonly type: 'send'; readonly bytes: Buffer }
  /** Judge them, send what {@link Socks5Server.judge} gives, and close the connection when they are not accepted. */
  | { readonly type: 'credentials'; readonly credentials: SocksCredentials }
  /** Do it, and send what {@link Socks5Server.reply} gives. */
  | { readonly type: 'request'; readonly command: SocksCommand; readonly target: SocksAddress }
  /** The client cannot be served: send the bytes, when there are any, and close the connection. */
  | { readonly type: 'refuse'; readonly bytes: Buffer; readonly reason: string };

const noBytes = Buffer.alloc(0);
const anyAddress: SocksAddress = { host: '0.0.0.0', port: 0 };
const commands = new Map<number, SocksCommand>(
  Object.entries(socksCommands).map(([name, code]) => [code, name as SocksCommand]), // The keys of that very table.
);

/** Reads what a client asks for. After the request, {@link detach} gives what belongs to the tunnel. */
export class Socks5Server {
  private readonly queue = new ByteQueue();
  private state: 'greeting' | 'credentials' | 'judging' | 'request' | 'over' = 'greeting';

  /** @param wantsCredentials whether clients must give a user name and a password */
  constructor(private readonly wantsCredentials: boolean) {}

  receive(chunk: Buffer): void {
    this.queue.push(chunk);
  }

  /** The next event; undefined when bytes are needed for it, or an answer to the last one. */
  next(): Socks5ServerEvent | undefined {
    switch (this.state) {
      case 'greeting':
        return this.takeGreeting();
      case 'credentials':
        return this.takeCredentials();
      case 'request':
        return this.takeRequest();
      case 'judging':
      case 'over':
        return undefined;
    }
  }

  /** The answer to credentials (RFC 1929, section 2). */
  judge(accepted: boolean): Buffer {
    this.state = accepted ? 'request' : 'over';
    return Buffer.from([credentialsVersion, accepted ? 0 : 1]);
  }

  /**
   * The answer to a request.
   * @param bound where the connection to the target comes from
   */
  reply(reply: SocksReply, bound: SocksAddress = anyAddress): Buffer {
    return Buffer.concat([Buffer.from([socksVersion, socksReplies.indexOf(reply), 0]), encodeSocksAddress(bound)]);
  }

  /** What came behind the request: it belongs to the tunnel. */
  detach(): Buffer {
    return this.queue.takeAll();
  }

  private takeGreeting(): Socks5ServerEvent | undefined {
    const { queue } = this;
    if (queue.length === 0) return undefined;
    if (queue.at(0) !== socksVersion) return this.notSocks();
    if (queue.length < 2 || queue.length < 2 + queue.at(1)) return undefined;
    const methods = queue.take(2 + queue.at(1)).subarray(2);
    const method = this.wantsCredentials ? socksMethods.credentials : socksMethods.none;
    if (methods.includes(method)) {
      this.state = this.wantsCredentials ? 'credentials' : 'request';
      return { type: 'send', bytes: Buffer.from([socksVersion, method]) };
    }
    const offered = this.wantsCredentials ? 'no user name and password' : 'only methods that are not supported';
    return this.refuse(Buffer.from([socksVersion, socksMethods.noneAcceptable]), `the client offers ${offered}`);
  }

  private takeCredentials(): Socks5ServerEvent | undefined {
    const { queue } = this;
    if (queue.length === 0) return undefined;
    if (queue.at(0) !== credentialsVersion) {
      return this.refuse(Buffer.from([credentialsVersion, 1]), 'the client sent something else than a user name');
    }
    const nameLength = queue.at(1);
    const passwordLength = queue.at(2 + nameLength);
    if (nameLength === -1 || passwordLength === -1) return undefined;
    if (queue.length < 3 + nameLength + passwordLength) return undefined;
    const bytes = queue.take(3 + nameLength + passwordLength);
    this.state = 'judging';
    const username = bytes.toString('utf8', 2, 2 + nameLength);
    return { type: 'credentials', credentials: { username, password: bytes.toString('utf8', 3 + nameLength) } };
  }

  private takeRequest(): Socks5ServerEvent | undefined {
    const { queue } = this;
    if (queue.length === 0) return undefined;
    if (queue.at(0) !== socksVersion) return this.notSocks();
    const read = readSocksAddress(queue, 3);
    if (read === undefined) return undefined;
    if (read === 'unknown type') {
      return this.refuse(this.reply('address type not supported'), `unknown address type ${String(queue.at(3))}`);
    }
    const command = commands.get(queue.at(1));
    if (command === undefined) {
      return this.refuse(this.reply('command not supported'), `unknown command ${String(queue.at(1))}`);
    }
    queue.skip(read.end);
    this.state = 'over';
    return { type: 'request', command, target: read.address };
  }

  private notSocks(): Socks5ServerEvent {
    return this.refuse(noBytes, `not a SOCKS5 client: it sent ${bytesRepr(this.queue.peek().subarray(0, 16))}`);
  }

  private refuse(bytes: Buffer, reason: string): Socks5ServerEvent {
    this.state = 'over';
    return { type: 'refuse', bytes, reason };
  }
}
