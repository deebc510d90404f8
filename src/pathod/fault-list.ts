import { faults, Random } from '../language/index.js';
import type { Fault } from '../language/index.js';
import { faultKey } from '../language/named-fault.js';
import type { PathodValues } from './options.js';
import { Router } from './router.js';
import { specSources } from './spec-sources.js';
import { printable } from './text-log.js';

/**
 * What `--faults` shows: each fault once, those of the user first.
 * @throws {OptionError} for faults with which no daemon would start
 */
export async function faultList(values: PathodValues): Promise<string> {
  const sources = specSources(values);
  // A router that serves nobody: it refuses what a daemon refuses.
  new Router({ craftPrefix: values.craftPrefix, nocraft: true, sources, seed: Random.fromSeed(0) });
  const { tlsFaultList } = await import('../net/tls-faults.js');
  const own = Object.entries(sources.faults);
  const taken = new Set(own.map(([name]) => faultKey(name)));
  const blocks = [
    ...own.map(([name, spec]) => block(`fault:${name}`, 'Your own.', spec.trim())),
    ...faults
      .filter(({ name }) => !taken.has(faultKey(name)))
      .map((fault) => block(`fault:${fault.name}`, fault.help, fault.spec, overHttp2(fault))),
  ];
  const handshakes = tlsFaultList.map(({ name, help }) => block(name, help));
  return `Responses, in specs:\n\n${blocks.join('')}\nTLS, for --tls-fault and --tls-anchor:\n\n${handshakes.join('')}`;
}

function overHttp2({ spec, http2 }: Fault): string {
  if (http2 === undefined) return 'over HTTP/1 only';
  return `over HTTP/2: ${http2 === spec ? 'the same' : http2}`;
}

function block(name: string, ...lines: readonly string[]): string {
  return [printable(name), ...lines.map((text) => `    ${printable(text)}`), ''].join('\n');
}
