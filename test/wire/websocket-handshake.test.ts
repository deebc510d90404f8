import { describe, expect, test } from 'vitest';
import { HeaderFields } from '../../src/wire/headers.js';
import { acceptKey, handshakeKey } from '../../src/wire/websocket-handshake.js';

test('the accept key of RFC 6455, section 1.3', () => {
  expect(acceptKey('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

describe('a handshake', () => {
  const connection = ['Connection', 'Upgrade'] as const;
  const upgrade = ['Upgrade', 'websocket'] as const;
  const key = ['Sec-WebSocket-Key', 'abc'] as const;

  test.each<[fields: (readonly [string, string])[], key: string | undefined]>([
    [[connection, upgrade, key], 'abc'],
    [
      [
        ['connection', 'keep-alive, UPGRADE'],
        ['UPGRADE', 'WebSocket'],
        ['sec-websocket-KEY', 'abc'],
      ],
      'abc',
    ],
    [[['connection', 'x'], connection, upgrade, key], 'abc'],
    [[connection, upgrade, ['Sec-WebSocket-Accept', 'x']], ''],
    [[connection, upgrade, ['Sec-WebSocket-Key', '']], ''],
    [[connection, upgrade], undefined],
    [[connection, key], undefined],
    [[upgrade, key], undefined],
    [[connection, ['Upgrade', 'websockets'], key], undefined],
    [[['Connection', 'close'], upgrade, key], undefined],
    [[], undefined],
  ])('of %j has key %j', (fields, expected) => {
    expect(handshakeKey(HeaderFields.of(fields))).toBe(expected);
  });
});
