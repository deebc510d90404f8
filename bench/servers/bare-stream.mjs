// The least that a server in Node can be: one constant block, over and over, as fast as it is taken.
//
//     node bare-stream.mjs BYTES
import { createServer } from 'node:net';

const block = Buffer.alloc(64 * 1024, 'x');
const total = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    let sent = 0;
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
