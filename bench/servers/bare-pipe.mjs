// The least that a proxy in Node can be: two sockets, each piped into the other.
//
//     node bare-pipe.mjs PORT
import { connect, createServer } from 'node:net';

const target = Number(process.argv[2]);

const server = createServer({ noDelay: true }, (a) => {
  const b = connect({ port: target, host: '127.0.0.1', noDelay: true });
  a.pipe(b);
  b.pipe(a);
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
