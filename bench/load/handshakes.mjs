// Shakes hands with a local port over and over, asks for one thing each time, and prints how often and in how many
// seconds. No session is resumed, as each connection begins without one.
//
//     node handshakes.mjs PORT SECONDS
import { connect, createSecureContext } from 'node:tls';

const [port, seconds] = process.argv.slice(2).map(Number);
const secureContext = createSecureContext();
const request = 'GET /fixed HTTP/1.1\r\nHost: localhost\r\n\r\n';
const start = performance.now();
let count = 0;

function once() {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, secureContext },
      () => socket.write(request),
    );
    socket.once('data', () => socket.destroy());
    socket.once('close', resolve);
    socket.once('error', reject);
  });
}

async function worker() {
  while (performance.now() - start < seconds * 1000) {
    await once();
    count++;
  }
}

await Promise.all(Array.from({ length: 8 }, worker));
console.log(`${count} ${(performance.now() - start) / 1000}`);
