/** The first step of a connection in the mode `socks5` (RFC 1928): the client says where it leads. */
import type { Duplex } from 'node:stream';
import { ConnectionError, isError, ProtocolError } from '../../errors.js';
import { pump } from '../../net/pump.js';
import { systemReason } from '../../net/system-error.js';
import { Socks5Server } from '../../wire/socks5-server.js';
import type { Socks5ServerEvent } from '../../wire/socks5-server.js';
import type { SocksCredentials, SocksReply } from '../../wire/socks5.js';
import type { ClientContext } from '../context.js';
import type { Address } from '../flow/connection.js';
import { plainAddress } from '../plain-address.js';

/** What a client asked for. Exactly one of {@link grant} and {@link refuse} is to be called. */
export interface Socks5Entry {
  readonly target: Address;
  /** What the client sent behind its request. */
  readonly rest: Buffer;
  /**
   * Tells the client that it is connected.
   * @param bound our end of the connection to the target, when it was made already
   */
  readonly grant: (bound?: Address) => void;
  /** Tells the client why it is not connected. The connection is to be closed then. */
  readonly refuse: (error: unknown) => void;
}

/**
 * Reads what a client of SOCKS asks for, and calls `socks5Auth` when the option `proxyauth` is set. The stream is
 * paused then.
 * @throws {ProtocolError} when the client does not speak SOCKS5, asks for something else than a connection, may not
 * have it, or leaves. It was told why, as far as SOCKS can tell; the connection is to be closed.
 */
export async function enterSocks5(context: ClientContext, duplex: Duplex): Promise<Socks5Entry> {
  return await new Entry(context, duplex).read();
}

class Entry {
  private readonly server: Socks5Server;
  private target: Address | undefined;

  constructor(
    private readonly context: ClientContext,
    private readonly duplex: Duplex,
  ) {
    this.server = new Socks5Server(context.proxy.store.values.proxyauth !== undefined);
  }

  async read(): Promise<Socks5Entry> {
    const { duplex, server } = this;
    const pumped = await pump(duplex, async (chunk) => {
      server.receive(chunk);
      for (let event = server.next(); event !== undefined; event = server.next()) await this.act(event);
      return this.target === undefined ? undefined : 'stop';
    });
    if (pumped.how !== 'stopped' || this.target === undefined) {
      throw new ProtocolError('the client left before it had asked SOCKS for anything');
    }
    return {
      target: this.target,
      rest: Buffer.concat([server.detach(), pumped.rest]),
      grant: (bound) => {
        duplex.write(bound === undefined ? server.reply('succeeded') : server.reply('succeeded', socksAddress(bound)));
      },
      refuse: (error) => {
        duplex.write(server.reply(replyTo(error)));
      },
    };
  }

  private async act(event: Socks5ServerEvent): Promise<void> {
    switch (event.type) {
      case 'send':
        this.duplex.write(event.bytes);
        return;
      case 'credentials':
        await this.judge(event.credentials);
        return;
      case 'refuse':
        throw this.refusal(event.bytes, event.reason);
      case 'request': {
        const { command, target } = event;
        if (command !== 'connect') {
          throw this.refusal(this.server.reply('command not supported'), `SOCKS ${command} is not supported`);
        }
        if (target.host === '') throw this.refusal(this.server.reply('host unreachable'), 'SOCKS without a host');
        this.target = plainAddress(target.host, target.port);
      }
    }
  }

  private async judge({ username, password }: SocksCredentials): Promise<void> {
    const { client, proxy } = this.context;
    const data = { client, username, password, valid: false };
    await proxy.hooks.fire('socks5Auth', data);
    const answer = this.server.judge(data.valid);
    if (!data.valid) throw this.refusal(answer, `SOCKS user ${JSON.stringify(username)} is not let in`);
    this.duplex.write(answer);
  }

  private refusal(bytes: Buffer, reason: string): ProtocolError {
    if (bytes.length > 0) this.duplex.write(bytes);
    return new ProtocolError(reason);
  }
}

function socksAddress([host, port]: Address): { host: string; port: number } {
  return { host, port };
}

const replies: Readonly<Record<string, SocksReply>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host unreachable',
  ENOTFOUND: 'host unreachable',
  EAI_AGAIN: 'host unreachable',
  ETIMEDOUT: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENETDOWN: 'network unreachable',
};

/** What SOCKS says about a connection that was not made. */
function replyTo(error: unknown): SocksReply {
  const { code } = systemReason(isError(error) ? (error.cause ?? error) : error);
  const reply = Object.hasOwn(replies, code) ? replies[code] : undefined;
  if (reply !== undefined) return reply;
  // Without a cause it was us who would not.
  const isOurs = error instanceof ConnectionError && error.phase === 'connect' && error.cause === undefined;
  return isOurs ? 'connection not allowed by ruleset' : 'general SOCKS server failure';
}
