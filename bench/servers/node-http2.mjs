// Node's own HTTP/2 server with a constant small body: what pathod is compared with. Over TLS when it is given a
// certificate, and over clear text otherwise.
//
//     node node-http2.mjs [CERTIFICATE-AND-KEY.pem]
import { readFileSync } from 'node:fs';
import { createSecureServer, createServer } from 'node:http2';

const body = Buffer.from('hello');
const file = process.argv[2];
const pem = file && readFileSync(file);
const server = pem ? createSecureServer({ key: pem, cert: pem }) : createServer();
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-length': body.length });
  stream.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
