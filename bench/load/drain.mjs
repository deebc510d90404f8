// Sends a request and reads all that comes, as cheaply as Node can; prints bytes and seconds.
//
//     node drain.mjs PORT PATH
import { connect } from 'node:net';

const [, , port, path] = process.argv;
let bytes = 0;
let started;
const socket = connect({
  host: '127.0.0.1',
  port: Number(port),
  onread: {
    buffer: Buffer.alloc(256 * 1024),
    callback(count) {
      bytes += count;
      return true;
    },
  },
});
socket.on('connect', () => {
  started = process.hrtime.bigint();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
});
socket.on('close', () => console.log(bytes, Number(process.hrtime.bigint() - started) / 1e9));
