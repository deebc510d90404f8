import { once } from 'node:events';
import { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { acceptTls } from '../../src/net/tls-accept.js';

test('a stream that was closed before ends the handshake at once', async () => {
  const socket = new Socket();
  socket.destroy();
  await once(socket, 'close');
  const options = { context: createSecureContext(), alpn: [], requestCertificate: false };
  expect(await acceptTls(socket, options)).toHaveProperty('failure');
});
