/** Many clients and a proxy, before a server that does what it likes: nothing may be lost or left behind. */
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../src/language/random.js';
import { startChild } from './child.js';
import type { Child } from './child.js';
import { SoakClient } from './client.js';
import type { Met } from './client.js';
import type { Handles, Memory, Outcomes } from './measured.js';
import { requestOf } from './requests.js';

export interface SoakOptions {
  readonly requests: number;
  /** Connections at a time. */
  readonly connections: number;
  readonly seed: number | string;
}

export interface SoakReport {
  readonly seconds: number;
  /** How many requests met what, as their clients saw it. */
  readonly met: Readonly<Record<Met, number>>;
  /** Flows that there were. */
  readonly flows: number;
  readonly answered: number;
  readonly failed: number;
  /** Memory once everything was used, and at the end. */
  readonly memory: { readonly before: Memory; readonly after: Memory };
  /** What was wrong, in plain words. */
  readonly faults: readonly string[];
}

/** One connection in so many is encrypted, and one in so many is reset before a request. */
const tlsEvery = 40;
const resetEvery = 60;

/** Runs it. */
export async function soak({ requests, connections, seed }: SoakOptions): Promise<SoakReport> {
  const upstream = await startChild('upstream-process.ts');
  let proxy: Child | undefined;
  try {
    proxy = await startChild('proxy-process.ts', String(upstream.port));
    const random = Random.fromSeed(seed);
    const warmUp = Math.ceil(requests / 10);
    await load(proxy.port, random, { from: 0, to: warmUp, connections });
    await quiet(proxy);
    await proxy.ask('forget');
    const before = await proxy.ask<Memory>('memory');
    const start = performance.now();
    const met = await load(proxy.port, random, { from: warmUp, to: warmUp + requests, connections });
    const seconds = (performance.now() - start) / 1000;
    const left = await quiet(proxy);
    const outcomes = await proxy.ask<Outcomes>('outcomes');
    await proxy.ask('forget');
    const after = await proxy.ask<Memory>('memory');
    const handles = await proxy.ask<Handles>('stop');
    const faults = [...faultsOf(outcomes, met), ...leftBehind(left, handles)];
    const sum = (key: 'answered' | 'failed'): number =>
      outcomes.outcomes.reduce((total, [, outcome]) => total + outcome[key], 0);
    return {
      ...{ seconds, met: countOf(met), flows: outcomes.ids, answered: sum('answered'), failed: sum('failed') },
      ...{ memory: { before, after }, faults },
    };
  } finally {
    proxy?.kill();
    upstream.kill();
  }
}

/** Sends the requests of some numbers over so many connections at a time. */
async function load(
  port: number,
  random: Random,
  { from, to, connections }: { from: number; to: number; connections: number },
): Promise<Map<number, Met>> {
  const met = new Map<number, Met>();
  let next = from;
  let opened = 0;
  const work = async (): Promise<void> => {
    while (next < to) {
      const which = opened++;
      const client = new SoakClient(port, which % tlsEvery === 1);
      if (which % resetEvery === 2) {
        await setTimeout(which % 20);
        client.reset();
        continue;
      }
      let isLast = false;
      while (client.isOpen && !isLast && next < to) {
        const request = requestOf(next++, random);
        met.set(request.number, await client.send(request));
        ({ isLast } = request);
      }
      await client.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return met;
}

/** Waits until all clients are gone. @returns how many are not */
async function quiet(proxy: Child): Promise<number> {
  for (let tries = 0; ; tries++) {
    const connected = await proxy.ask<number>('connected');
    if (connected === 0 || tries === 100) return connected;
    await setTimeout(100);
  }
}

function faultsOf({ outcomes, ids, nameless, errors, unhandled }: Outcomes, met: ReadonlyMap<number, Met>): string[] {
  const faults = [...unhandled, ...errors.map(([message, count]) => `${String(count)} times in the log: ${message}`)];
  const seen = new Map(outcomes);
  for (const [number, how] of met) {
    if (how === 'stuck') faults.push(`request ${String(number)}: its connection was not closed`);
    if (how !== 'left' && how !== 'crossed' && !seen.has(number))
      faults.push(`request ${String(number)} was ${how} and has no flow`);
  }
  for (const [number, { begun, answered, failed }] of seen) {
    if (begun === 1 && answered + failed === 1) continue;
    const counts = `${String(begun)} requestheaders, ${String(answered)} response, ${String(failed)} error`;
    faults.push(`request ${String(number)}, ${met.get(number) ?? 'never sent'}: ${counts}`);
  }
  if (ids !== seen.size) faults.push(`${String(ids)} ids of ${String(seen.size)} flows`);
  if (nameless > 0) faults.push(`${String(nameless)} hooks of flows that nobody sent`);
  return faults;
}

function leftBehind(connected: number, { before, after }: Handles): string[] {
  const faults = connected === 0 ? [] : [`${String(connected)} clients are connected still`];
  const rest = [...after];
  for (const kind of before) {
    const at = rest.indexOf(kind);
    if (at !== -1) rest.splice(at, 1);
  }
  return rest.length === 0 ? faults : [...faults, `left after stop(): ${rest.join(', ')}`];
}

function countOf(met: ReadonlyMap<number, Met>): Record<Met, number> {
  const counts = { answered: 0, closed: 0, crossed: 0, left: 0, stuck: 0 };
  for (const how of met.values()) counts[how]++;
  return counts;
}
