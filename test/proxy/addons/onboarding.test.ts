import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onboardingPage } from '../../../src/proxy/addons/onboarding-page.js';
import { authorityPem } from '../../kit/certificates.js';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { originServer, startProxy } from './started.js';

const [hasCurl, hasOpenssl] = [hasProgram('curl'), hasProgram('openssl')];

describe.skipIf(!hasCurl)('the page for certificates', () => {
  it('is served over HTTP and HTTPS, and nothing is connected to', async () => {
    const { proxy, lines, curl } = await startProxy({});
    const plain = await curl('-i', '-x', proxy.url, 'http://mitm.it/');
    expect(plain.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(plain.stdout).toContain('Content-Type: text/html; charset=utf-8\r\n');
    expect(plain.stdout).toContain(new X509Certificate(proxy.ca).fingerprint256);
    for (const version of ['--http1.1', '--http2']) {
      const secure = await curl('-x', proxy.url, version, 'https://mitm.it/');
      expect(secure.stderr).toBe('');
      expect(plain.stdout.endsWith(secure.stdout)).toBe(true);
    }
    expect(lines.filter((line) => line.includes('server connect'))).toEqual([]);
    expect(proxy.flows('~u mitm.it ~c 200').length).toBeGreaterThanOrEqual(3);
  });

  it('is reached through SOCKS as well', async () => {
    const { proxy, curl } = await startProxy({ mode: 'socks5' });
    const socks = `127.0.0.1:${String(proxy.port)}`;
    expect((await curl('--socks5-hostname', socks, 'http://mitm.it/cert/pem')).stdout).toBe(proxy.ca);
    expect((await curl('--socks5-hostname', socks, 'https://mitm.it/cert/pem')).stdout).toBe(proxy.ca);
  });

  it.each(['RSA', 'an elliptic curve'])('serves the certificate in the forms that systems want: %s', async (kind) => {
    const confdir = temporaryDirectory();
    // The key of an authority in memory is for P-256.
    const { proxy, curl } = await startProxy(kind === 'RSA' ? { confdir } : {});
    const heads: string[] = [];
    for (const form of ['pem', 'cer', 'p12']) {
      const file = join(temporaryDirectory(), form);
      const { stdout } = await curl('-D', '-', '-o', file, '-x', proxy.url, `http://mitm.it/cert/${form}`);
      heads.push(stdout.replace(/content-length: .*\r\n/i, ''));
      if (form !== 'p12') expect(readFileSync(file, 'latin1')).toBe(proxy.ca);
      else if (hasOpenssl) {
        const opened = await run('openssl', ['pkcs12', '-in', file, '-passin', 'pass:', '-nokeys']);
        expect(opened.stdout).toContain(proxy.ca.trim());
      }
    }
    expect(heads).toEqual(
      [
        ['application/x-x509-ca-cert', 'mitmproxy-ca-cert.pem'],
        ['application/x-x509-ca-cert', 'mitmproxy-ca-cert.cer'],
        ['application/x-pkcs12', 'mitmproxy-ca-cert.p12'],
      ].map(
        ([type = '', name = '']) =>
          `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Disposition: inline; filename=${name}\r\n` +
          'Cache-Control: no-store\r\n\r\n',
      ),
    );
    expect(existsSync(join(confdir, 'mitmproxy-ca-cert.pem'))).toBe(kind === 'RSA');
  });

  it('answers HEAD, and refuses other methods and paths', async () => {
    const { proxy, curl } = await startProxy({});
    const code = async (...args: string[]): Promise<string> =>
      (await curl('-o', '/dev/null', '-w', '%{http_code}', '-x', proxy.url, ...args)).stdout;
    const head = await curl('-I', '-x', proxy.url, 'http://mitm.it/cert/pem?again');
    expect(head.stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head.stdout).toMatch(new RegExp(`content-length: ${String(proxy.ca.length)}\r\n`, 'i'));
    expect(await code('http://mitm.it/nothing')).toBe('404');
    expect(await code('http://mitm.it/cert/')).toBe('404');
    expect(await code('-d', 'x', 'http://mitm.it/')).toBe('405');
    expect((await curl('-x', proxy.url, 'http://MITM.it/cert/pem')).stdout).toBe(proxy.ca);
  });

  it('is not served at other addresses, under another name, or at all', async () => {
    const origin = await originServer();
    const { proxy, curl } = await startProxy({ onboardingHost: 'install.example' });
    expect((await curl('-x', proxy.url, 'http://install.example/cert/pem')).stdout).toBe(proxy.ca);
    expect((await curl('-x', proxy.url, '-H', 'Host: install.example', origin.url)).stdout).toBe('hello');
    await proxy.configure({ onboardingHost: '127.0.0.1', onboarding: false });
    expect((await curl('-x', proxy.url, origin.url)).stdout).toBe('hello');
    const refused = await curl('-o', '/dev/null', '-w', '%{http_code}', '-x', proxy.url, 'http://127.0.0.1/');
    expect(refused.stdout).toBe('502');
  });

  it('is for those who may use the proxy', async () => {
    const { proxy, curl } = await startProxy({ proxyauth: 'joe:pass' });
    const url = 'http://mitm.it/cert/pem';
    expect((await curl('-x', proxy.url, url)).stdout).toContain('407 Proxy Authentication Required');
    expect((await curl('-x', proxy.url, '-U', 'joe:pass', url)).stdout).toBe(proxy.ca);
  });
});

describe('the document', () => {
  it('loads nothing, and links to what is served', () => {
    const page = onboardingPage({ ca: authorityPem });
    expect(page).not.toMatch(/<script|<img|<[^>]*\bsrc=|url\(|@import/i);
    expect(new Set(page.match(/href="[^"]*"/g))).toEqual(
      new Set(['href="data:,"', 'href="/cert/pem"', 'href="/cert/cer"', 'href="/cert/p12"']),
    );
    expect(page).toContain('Find Test authority there');
  });
});
