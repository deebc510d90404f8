// The least that a server in Node can be: a response of one constant block, over and over, as fast as it is taken.
//
//     node bare-stream.mjs BYTES
import { createServer } from 'node:net';

const block = Buffer.alloc(64 * 1024, 'x');
const total = Number(process.argv[2]);
const head = `HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    let sent = 0;
    socket.write(head);
    const fill = () => {
      while (sent < total) {
        sent += block.length;
        if (!socket.write(block)) return;
      }
      socket.end();
    };
    socket.on('drain', fill);
    fill();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
