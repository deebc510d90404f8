// The least that a TLS server in Node can be: it shakes hands, and answers every chunk alike.
//
//     node bare-tls.mjs CERTIFICATE-AND-KEY.pem
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';

const pem = readFileSync(process.argv[2]);
const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');

const server = createServer({ key: pem, cert: pem, noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer));
  socket.on('error', () => {});
});
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
