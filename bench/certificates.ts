/** What certificates cost: made, looked up, and turned into a TLS context. One core. */
import { generateKeyPairSync } from 'node:crypto';
import { temporaryAuthority } from '../src/net/authority.js';
import { CertificateMaker } from '../src/net/certificate-maker.js';
import type { LeafKeyType } from '../src/net/certificate-maker.js';
import { CertificateStore } from '../src/net/certificate-store.js';

function perSecond(times: number, act: (i: number) => unknown): number {
  for (let i = 0; i < times / 5; i++) act(-1 - i);
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) act(i);
  return times / (Number(process.hrtime.bigint() - start) / 1e9);
}

function show(name: string, rate: number): void {
  const each = 1000 / rate;
  const time = each < 0.01 ? `${(each * 1000).toFixed(2)} us` : `${each.toFixed(2)} ms`;
  console.log(`${name.padEnd(56)} ${Math.round(rate).toLocaleString('en').padStart(10)} a second, ${time} each`);
}

async function measure(keyType: LeafKeyType): Promise<void> {
  const key =
    keyType === 'p-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const maker = await CertificateMaker.create(temporaryAuthority(key, 'bench'), { keyType });
  const store = new CertificateStore(maker);
  show(
    `made, authority and leaf ${keyType} (goal 200)`,
    perSecond(1000, (i) => maker.make({ host: `h${String(i)}.example` })),
  );
  const names = Array.from({ length: 20 }, (_, i) => `n${String(i)}.example`);
  show(
    '  with 20 further names',
    perSecond(500, (i) => maker.make({ host: `h${String(i)}.example`, names })),
  );
  show(
    '  with its TLS context',
    perSecond(500, (i) => maker.make({ host: `h${String(i)}.example` }).secureContext),
  );
  show(
    '  kept, by host',
    perSecond(1_000_000, () => store.get({ host: 'one.example' })),
  );
  const request = { host: 'one.example', names: ['two.example', '127.0.0.1'], organization: 'Example' };
  show(
    '  kept, with names and an organization',
    perSecond(200_000, () => store.get(request)),
  );
}

await measure('rsa-2048');
await measure('p-256');
