import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../src/errors.js';
import { longestClientHelloRecords, readClientHello } from '../../src/wire/client-hello.js';
import { nodeHello, programHello } from '../kit/client-hello.js';
import { hasProgram } from '../kit/programs.js';

const tls13 = 0x0304;
const tls12 = 0x0303;

/** The same handshake in records that hold so many bytes each. */
function inRecords(hello: Buffer, size: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 5; at < hello.length; at += size) {
    const part = hello.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

const someHello = (): Promise<Buffer> => nodeHello({ servername: 'a.example', ALPNProtocols: ['h2', 'http/1.1'] });

describe('the ClientHello of a real client', () => {
  test('Node', async () => {
    const read = readClientHello(await someHello());
    expect(read).toMatchObject({ serverName: 'a.example', alpn: ['h2', 'http/1.1'], versions: [tls13, tls12] });
    expect(read?.cipherSuites).toContain(0x1301);
    expect(read?.extensions).toEqual(expect.arrayContaining([0, 16, 43]));
  });

  test('Node, without a name and with TLS 1.2 alone', async () => {
    const old = await nodeHello({ maxVersion: 'TLSv1.2' });
    expect(readClientHello(old)).toMatchObject({ serverName: undefined, alpn: [], versions: [tls12] });
  });

  test.skipIf(!hasProgram('openssl'))('openssl s_client', async () => {
    const args = ['s_client', '-connect', '127.0.0.1:PORT', '-servername', 'b.example', '-alpn', 'h2', '-status'];
    const read = readClientHello(await programHello('openssl', args));
    expect(read).toMatchObject({ serverName: 'b.example', alpn: ['h2'] });
    expect(read?.versions).toContain(tls13);
    expect(read?.extensions).toContain(5);
  });

  test.skipIf(!hasProgram('curl'))('curl', async () => {
    const args = ['-s', '--connect-to', '::127.0.0.1:PORT', 'https://c.example/'];
    const read = readClientHello(await programHello('curl', args));
    expect(read).toMatchObject({ serverName: 'c.example', alpn: ['h2', 'http/1.1'] });
  });
});

describe('in pieces', () => {
  test('it is not there before its last byte, and what follows does not matter', async () => {
    const hello = await someHello();
    for (let length = 0; length < hello.length; length++) {
      expect(readClientHello(hello.subarray(0, length))).toBeUndefined();
    }
    expect(readClientHello(Buffer.concat([hello, Buffer.from('more')]))).toEqual(readClientHello(hello));
  });

  test('records of any size say the same', async () => {
    const hello = await someHello();
    for (const size of [1, 2, 3, 4, 5, 100, 16384]) {
      expect(readClientHello(inRecords(hello, size))).toEqual(readClientHello(hello));
    }
  });
});

describe('what is none', () => {
  test.each<[string, Buffer]>([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an alert', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
    ['a ServerHello', Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0])],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([22, 3, 1, 0xff, 0xff])],
    ['a message that is too long', Buffer.from([22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff])],
    ['a field that is longer than the message', Buffer.from([22, 3, 1, 0, 8, 1, 0, 0, 4, 3, 3, 0, 0])],
  ])('%s is refused', (_, bytes) => {
    expect(() => readClientHello(bytes)).toThrow(ProtocolError);
  });

  test('a message that never ends is refused', () => {
    const start = Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x7f, 0xff]);
    const record = Buffer.concat([Buffer.from([22, 3, 1, 0, 1]), Buffer.alloc(1)]);
    const count = Math.ceil(longestClientHelloRecords / record.length) + 1;
    const bytes = Buffer.concat([start, ...Array.from({ length: count }, () => record)]);
    expect(() => readClientHello(bytes)).toThrow(/longer than/);
  });

  test('whatever comes is read, refused or waited for', async () => {
    const hello = await someHello();
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.uint8Array({ maxLength: 8 }), (at, noise) => {
        const bytes = Buffer.from(hello);
        bytes.set(noise.subarray(0, hello.length - at), at);
        try {
          readClientHello(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});
