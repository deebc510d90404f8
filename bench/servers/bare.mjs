// The least that a server in Node can be: a constant answer to every chunk.
//
//     node bare.mjs BODY-LENGTH
import { createServer } from 'node:net';

const length = Number(process.argv[2]);
const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
