/** The proxy under load, with an addon that counts what becomes of each flow. Its argument is the server's port. */
import { setImmediate } from 'node:timers/promises';
import type { HttpFlow } from '../../src/proxy/index.js';
import { Proxy } from '../../src/proxy/index.js';
import type { Handles, Memory, Outcomes } from './measured.js';

/** What is not the proxy's own: in a soak every flow has a number. */
const numberField = 'x-soak';

const unhandled: string[] = [];
for (const event of ['unhandledRejection', 'uncaughtException', 'warning'] as const) {
  process.on(event as 'warning', (error: Error) => {
    unhandled.push(`${event}: ${error.stack ?? String(error)}`);
  });
}

const outcomes = new Map<number, { begun: number; answered: number; failed: number }>();
const ids = new Set<string>();
const logged = new Map<string, number>();
let connected = 0;
let nameless = 0;

function outcomeOf(flow: HttpFlow): { begun: number; answered: number; failed: number } {
  const number = Number(flow.request.headers.get(numberField) ?? NaN);
  if (Number.isNaN(number)) nameless++;
  const known = outcomes.get(number) ?? { begun: 0, answered: 0, failed: 0 };
  outcomes.set(number, known);
  return known;
}

const counter = {
  name: 'soak',
  clientConnected: () => void connected++,
  clientDisconnected: () => void connected--,
  requestheaders(flow: HttpFlow) {
    outcomeOf(flow).begun++;
    ids.add(flow.id);
  },
  response: (flow: HttpFlow) => void outcomeOf(flow).answered++,
  error: (flow: HttpFlow) => void outcomeOf(flow).failed++,
};

// A process that listens to its parent has a handle for that.
process.on('message', (question: string) => {
  void Promise.resolve(answers[question]?.()).then((answer) => process.send?.(answer));
});
const before = process.getActiveResourcesInfo();
const proxy = await Proxy.start(
  {
    mode: `reverse:http://127.0.0.1:${process.argv[2] ?? ''}`,
    streamLargeBodies: '64k',
    keptFlows: 1000,
    keptBytes: 16 * 1024 * 1024,
    addons: [counter],
  },
  {
    log: ({ level, message }) => {
      if (level !== 'error') return;
      logged.set(message, (logged.get(message) ?? 0) + 1);
    },
  },
);

async function memory(): Promise<Memory> {
  for (let turn = 0; turn < 4; turn++) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  const peak = process.resourceUsage().maxRSS * 1024;
  return { rss, heapUsed, external, peak, kept: proxy.flows().length };
}

function told(): Outcomes {
  return { outcomes: [...outcomes], ids: ids.size, nameless, errors: [...logged], unhandled };
}

async function stop(): Promise<Handles> {
  await proxy.stop();
  await setImmediate();
  await setImmediate();
  return { before, after: process.getActiveResourcesInfo() };
}

const answers: Record<string, () => unknown> = {
  memory,
  stop,
  outcomes: told,
  connected: () => connected,
  forget() {
    outcomes.clear();
    ids.clear();
    return true;
  },
};
process.on('disconnect', () => process.exit());
process.send?.(proxy.port);
