// Node's own HTTP/2 server, over clear text, with a constant small body: what pathod is compared with.
import { createServer } from 'node:http2';

const body = Buffer.from('hello');
const server = createServer();
server.on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-length': body.length });
  stream.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
