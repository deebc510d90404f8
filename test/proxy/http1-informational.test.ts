import { expect, test } from 'vitest';
import { connect } from '../kit/connect.js';
import { rawServer } from '../kit/raw-server.js';
import { startedProxy } from '../kit/started-proxy.js';

const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';

test('a server that sends informational responses without end is left', async () => {
  const server = await rawServer((peer) => {
    peer.socket.once('data', () => {
      const more = (): void => {
        while (!peer.socket.destroyed && peer.socket.write(early.repeat(100)));
      };
      peer.socket.on('drain', more);
      more();
    });
  });
  const { proxy } = await startedProxy({ mode: `reverse:http://127.0.0.1:${String(server.port)}` });
  const client = await connect(proxy.port);
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.until('502 Bad Gateway');
  const flow = await proxy.waitForFlow('~e');
  expect(flow.error?.message).toBe('the server sent more than 1000 informational responses');
});
