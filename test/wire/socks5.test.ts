import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OptionError, ProtocolError } from '../../src/errors.js';
import { Socks5Client } from '../../src/wire/socks5-client.js';
import { Socks5Server } from '../../src/wire/socks5-server.js';
import type { Socks5ServerEvent } from '../../src/wire/socks5-server.js';
import { socksReplies } from '../../src/wire/socks5.js';

const target = { host: 'example.com', port: 443 };
const credentials = { username: 'ann', password: 'p:w' };
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** What a client says to these answers: what it sends in hexadecimal, or how it ends. */
function conversation(client: Socks5Client, ...answers: readonly string[]): string[] {
  const said: string[] = [];
  const pull = (): void => {
    for (let step = client.next(); step !== undefined; step = client.next()) {
      said.push(step.type === 'send' ? step.bytes.toString('hex') : `connected from ${JSON.stringify(step.bound)}`);
    }
  };
  pull();
  for (const answer of answers) {
    client.receive(bytes(answer));
    pull();
  }
  return said;
}

describe('the client', () => {
  test('asks for a name as it is', () => {
    const client = new Socks5Client(target);
    expect(conversation(client, '05 00', '05 00 00 01 7f000001 0050 6869')).toEqual([
      '050100',
      `050100030b${Buffer.from('example.com').toString('hex')}01bb`,
      'connected from {"host":"127.0.0.1","port":80}',
    ]);
    expect(client.detach().toString()).toBe('hi');
    expect(client.next()).toBeUndefined();
  });

  test('asks for addresses by their bytes', () => {
    const request = (host: string): string | undefined => conversation(new Socks5Client({ host, port: 1 }), '0500')[1];
    expect(request('192.0.2.1')).toBe('05010001c00002010001');
    expect(request('::1')).toBe('05010004000000000000000000000000000000010001');
  });

  test('gives a user name and a password when it is asked to', () => {
    const client = new Socks5Client({ host: '1.1.1.1', port: 1 }, credentials);
    expect(conversation(client, '05 02', '01 00', '05 00 00 03 01 61 0001')).toEqual([
      '05020002',
      '0103616e6e03703a77',
      '05010001010101010001',
      'connected from {"host":"a","port":1}',
    ]);
  });

  test('and does not when it is not', () => {
    expect(conversation(new Socks5Client({ host: '1.1.1.1', port: 1 }, credentials), '05 00')[1]).toMatch(/^0501/);
  });

  test.each<[string, string[], string]>([
    ['HTTP', ['485454502f312e3120343030'], "not a SOCKS5 proxy: it answered the greeting with b'HTTP/1.1 400'"],
    ['SOCKS4', ['005a'], "not a SOCKS5 proxy: it answered the greeting with b'\\x00Z'"],
    ['no method', ['05ff'], 'the SOCKS proxy wants authentication, and no user name was given'],
    ['a method of its own', ['0503'], 'the SOCKS proxy chose the authentication method 3, which was not offered'],
    ['a password though none was offered', ['0502'], 'authentication method 2, which was not offered'],
    ['something else later', ['0500', '48'], "not a SOCKS5 proxy: it answered the request with b'H'"],
    ['a bound address of no known type', ['0500', '05000009'], 'an address of an unknown type'],
    ['an unassigned reply', ['0500', '0563'], 'the SOCKS proxy refused: unassigned (reply 99)'],
    ['a refusal and no more', ['0500', '0505'], 'the SOCKS proxy refused: connection refused (reply 5)'],
  ])('a proxy that answers with %s', (_, answers, message) => {
    const talk = (): unknown => conversation(new Socks5Client(target), ...answers, '0000');
    expect(talk).toThrow(ProtocolError);
    expect(talk).toThrow(message);
  });

  test('a user name that is not accepted', () => {
    const talk = (...answers: string[]) => conversation(new Socks5Client(target, credentials), ...answers);
    expect(() => talk('0502', '0101')).toThrow('the SOCKS proxy does not accept the user name and password');
    expect(() => talk('05ff')).toThrow('accepts neither a user name with a password nor no authentication');
  });

  test('a proxy that leaves', () => {
    const left = (...answers: string[]): (() => void) => {
      const client = new Socks5Client(target, credentials);
      conversation(client, ...answers);
      return () => client.finish();
    };
    expect(left()).toThrow('the SOCKS proxy closed the connection after the greeting');
    expect(left('0502')).toThrow('after the password');
    expect(left('0500')).toThrow('after the request');
  });

  test('what does not fit into a byte is refused before anything is sent', () => {
    expect(() => new Socks5Client({ host: 'a'.repeat(256), port: 1 })).toThrow(OptionError);
    expect(() => new Socks5Client(target, { username: 'a'.repeat(256), password: '' })).toThrow(/user name/);
  });
});

describe('the server', () => {
  const served = (wantsCredentials: boolean, ...chunks: readonly string[]): Socks5ServerEvent[] => {
    const server = new Socks5Server(wantsCredentials);
    const events: Socks5ServerEvent[] = [];
    for (const chunk of chunks) {
      server.receive(bytes(chunk));
      for (let event = server.next(); event !== undefined; event = server.next()) {
        events.push(event);
        if (event.type === 'credentials') server.judge(true);
      }
    }
    return events;
  };

  test('reads what is asked for', () => {
    expect(served(false, '05 01 00', '05 02 00 01 c0000201 0050')).toEqual([
      { type: 'send', bytes: bytes('0500') },
      { type: 'request', command: 'bind', target: { host: '192.0.2.1', port: 80 } },
    ]);
    expect(served(false, '050100', '05 03 00 04 00000000000000000000000000000001 ffff')[1]).toEqual({
      type: 'request',
      command: 'udp-associate',
      target: { host: '::1', port: 65535 },
    });
  });

  test.each<[string, boolean, string[], string, string]>([
    ['HTTP', false, ['474554'], '', "not a SOCKS5 client: it sent b'GET'"],
    ['no password', true, ['050100'], '05ff', 'the client offers no user name and password'],
    ['only a password', false, ['050102'], '05ff', 'the client offers only methods that are not supported'],
    ['no method at all', false, ['0500'], '05ff', 'the client offers only methods that are not supported'],
    ['no user name', true, ['050102', '05'], '0101', 'the client sent something else than a user name'],
    ['an unknown command', false, ['050100', '0504000101010101 0001'], '050700', 'unknown command 4'],
    ['an unknown address', false, ['050100', '050100090101'], '050800', 'unknown address type 9'],
  ])('a client that sends %s', (_, wantsCredentials, chunks, answer, reason) => {
    const last = served(wantsCredentials, ...chunks).at(-1);
    if (last?.type !== 'refuse') throw new Error('it was not refused');
    expect(last.reason).toBe(reason);
    expect(last.bytes.toString('hex').startsWith(answer)).toBe(true);
  });

  test('its refusals are what the client says', () => {
    for (const [code, reply] of socksReplies.entries()) {
      if (code === 0) continue;
      const client = new Socks5Client(target);
      conversation(client, '0500');
      client.receive(new Socks5Server(false).reply(reply));
      expect(() => client.next()).toThrow(`the SOCKS proxy refused: ${reply} (reply ${String(code)})`);
    }
  });
});

test('both sides understand each other, however the bytes are cut', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  const host = fc.oneof(fc.domain(), fc.ipV4());
  fc.assert(
    fc.property(
      host,
      fc.integer({ min: 1, max: 65535 }),
      fc.option(fc.record({ username: text, password: text }), { nil: undefined }),
      fc.string({ maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      (name, port, login, rest, size) => {
        const client = new Socks5Client({ host: name, port }, login);
        const server = new Socks5Server(login !== undefined);
        const seen: unknown[] = [];
        let connected = false;
        for (let round = 0; round < 10 && !connected; round++) {
          let sent = Buffer.alloc(0);
          for (let step = client.next(); step !== undefined; step = client.next()) {
            if (step.type === 'send') sent = Buffer.concat([sent, step.bytes]);
            else connected = true;
          }
          let answer = Buffer.alloc(0);
          for (let at = 0; at < sent.length; at += size) {
            server.receive(sent.subarray(at, at + size));
            for (let event = server.next(); event !== undefined; event = server.next()) {
              if (event.type === 'send') answer = Buffer.concat([answer, event.bytes]);
              else seen.push(event);
              if (event.type === 'credentials') answer = Buffer.concat([answer, server.judge(true)]);
              if (event.type === 'request') answer = Buffer.concat([server.reply('succeeded'), Buffer.from(rest)]);
            }
          }
          for (let at = 0; at < answer.length; at += size) client.receive(answer.subarray(at, at + size));
        }
        expect(connected).toBe(true);
        expect(client.detach().toString()).toBe(rest);
        const request = { type: 'request', command: 'connect', target: { host: name, port } };
        expect(seen).toEqual(login === undefined ? [request] : [{ type: 'credentials', credentials: login }, request]);
      },
    ),
  );
});
