/**
 * A transparent proxy, and servers of HTTP and HTTPS that know nothing of it, at the addresses given. Prints where the
 * proxy listens, then a line for each flow and each line of the log.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { writeFileSync } from 'node:fs';
import { Proxy } from '../../../src/proxy/proxy.js';
import { certificateFor } from '../../kit/certificates.js';

const [certificateFile = '', ...addresses] = process.argv.slice(2);
const { key, cert } = (await certificateFor({ host: 'server.test', names: addresses })).tlsOptions;

for (const host of addresses) {
  const plain = createServer((request, response) => response.end(`plain ${request.headers.host ?? ''}`));
  const secure = createTlsServer({ key, cert }, (_, response) => response.end('secure'));
  await once(plain.listen(80, host), 'listening');
  await once(secure.listen(443, host), 'listening');
}

const proxy = await Proxy.start(
  { mode: 'transparent@:0', sslInsecure: true, blockGlobal: false },
  {
    log: ({ level, message }) => {
      console.log(`${level}: ${message}`);
    },
  },
);
await proxy.use({
  response({ request, clientConn, serverConn, response }) {
    const { scheme, prettyHost: host, path } = request;
    console.log(
      JSON.stringify({
        scheme,
        host,
        path,
        status: response?.statusCode,
        client: clientConn.peername?.[0],
        server: serverConn.address,
      }),
    );
  },
});
writeFileSync(certificateFile, proxy.ca);
console.log(`port ${String(proxy.port)}`);
