import { expect, onTestFinished, test } from 'vitest';
import { Proxy } from '../../src/proxy/index.js';
import type { ProxyInput } from '../../src/proxy/options.js';
import { authorityPem, certificateFor, fileOf } from '../kit/certificates.js';
import { startDaemon } from '../kit/daemon.js';
import { httpsServer } from '../kit/https-server.js';
import { hasProgram } from '../kit/programs.js';
import { run } from '../kit/run.js';

async function startProxy(options: ProxyInput): Promise<Proxy> {
  const proxy = await Proxy.start(options);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** What curl prints that trusts the proxy's authority, with the status at the end. */
async function curl(proxy: Proxy, url: string, ...argv: readonly string[]): Promise<string> {
  const args = ['-s', '-x', proxy.url, '--cacert', fileOf(proxy.ca), '-w', '%{http_code}', ...argv, url];
  return (await run('curl', args)).stdout;
}

test.skipIf(!hasProgram('curl'))('what goes over TLS is seen, and both ends believe each other', async () => {
  const port = await httpsServer((await certificateFor()).tlsOptions);
  const proxy = await startProxy({ sslVerifyUpstreamTrustedCa: fileOf(authorityPem) });
  expect(await curl(proxy, `https://localhost:${String(port)}/`)).toBe('hello200');
  expect(await curl(proxy, `https://127.0.0.1:${String(port)}/`, '--http1.1')).toBe('hello200');
  const [flow] = proxy.flows();
  expect(flow?.clientConn).toMatchObject({ tlsEstablished: true, sni: 'localhost', alpn: 'http/1.1' });
  expect(flow?.serverConn).toMatchObject({ tlsEstablished: true, sni: 'localhost', alpn: 'http/1.1' });
});

test.skipIf(!hasProgram('curl'))('a server whose certificate is bad is named on a page', async () => {
  const daemon = await startDaemon({ ssl: true, tlsFault: 'expired' });
  const proxy = await startProxy({ sslVerifyUpstreamTrustedCa: fileOf(await daemon.openAuthority()) });
  const host = `localhost:${String(daemon.port)}`;
  const page = await curl(proxy, `https://${host}/`);
  expect(page).toContain(`TLS with ${host} failed: certificate verify failed: certificate has expired`);
  expect(page.endsWith('502')).toBe(true);
});

test('options of TLS that cannot be used are refused at the start', async () => {
  const refused = Proxy.start({ upstreamCert: false, addUpstreamCertsToClientChain: true });
  await expect(refused).rejects.toThrow('add_upstream_certs_to_client_chain needs upstream_cert, which is off');
});
