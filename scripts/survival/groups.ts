/** The faults of the table, by what they are faults of, and where each is to be met. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from '../../src/language/index.js';
import { tlsFaultList } from '../../src/net/tls-faults.js';
import { Daemon } from '../../src/pathod/index.js';
import type { DaemonOptions } from '../../src/pathod/index.js';
import type { Target } from './attempt.js';
import { httpTruths, ten, tlsTruths } from './truth.js';
import type { Truth } from './truth.js';
import { nextBody } from './verdict.js';

export interface Row {
  readonly name: string;
  /** What the fault does. */
  readonly help: string;
  readonly truth: Truth;
}

export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Starts what is needed to meet its faults. */
  open(): Promise<Ground>;
}

/** Where the faults of a group can be met. */
export interface Ground extends AsyncDisposable {
  target(name: string): Promise<Target>;
}

function truthOf(name: string, truths: Readonly<Record<string, Truth>>): Truth {
  const truth = truths[name];
  if (truth === undefined) throw new Error(`nothing says what a client should do at ${name}`);
  return truth;
}

/** What every daemon has. The same seed gives the same page. */
const common: DaemonOptions = { seed: 1, logRecords: 0, anchors: [['/next', `200:b'${nextBody}'`]] };

const http: Group = {
  title: 'HTTP/1',
  rows: faults.map(({ name, help }) => ({ name, help, truth: truthOf(name, httpTruths) })),
  async open() {
    const daemon = await Daemon.start(common);
    return {
      target: (name) => Promise.resolve({ url: daemon.p(`fault:${name}`), next: daemon.url('/next') }),
      [Symbol.asyncDispose]: () => daemon.stop(),
    };
  },
};

/** The name of one fault is for no fault. */
const tls: Group = {
  title: 'TLS',
  rows: tlsFaultList.map(({ name, help }) => ({ name, help: `${help}.`, truth: truthOf(name, tlsTruths) })),
  async open() {
    const start = (tlsFault: string): Promise<Daemon> => Daemon.start({ ...common, ssl: true, tlsFault, http2: false });
    const sound = await start('none');
    const daemons = new Map([['none', Promise.resolve(sound)]]);
    const directory = mkdtempSync(join(tmpdir(), 'survival-'));
    const ca = join(directory, 'ca.pem');
    writeFileSync(ca, sound.ca);
    return {
      async target(name) {
        const starting = daemons.get(name) ?? start(name);
        daemons.set(name, starting);
        const daemon = await starting;
        return { url: daemon.p(`200:b'${ten}'`), next: daemon.url('/next'), ca };
      },
      async [Symbol.asyncDispose]() {
        for (const daemon of daemons.values()) await (await daemon).stop();
        rmSync(directory, { recursive: true });
      },
    };
  },
};

/** All of them, in the order in which they are shown. */
export const groups: readonly Group[] = [http, tls];
