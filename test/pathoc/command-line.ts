/** The command line run in this process, with what it prints gathered. */
import { systemClock } from '../../src/net/clock.js';
import type { Clock } from '../../src/net/clock.js';
import { command } from '../../src/pathoc/command.js';

export interface Printed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `pathoc` without timestamps. `seen` is called with all results so far whenever there is a new one. */
export async function pathoc(
  argv: readonly string[],
  ports: { readonly clock?: Clock; readonly signal?: AbortSignal; readonly seen?: (out: string) => void } = {},
): Promise<Printed> {
  let out = '';
  let err = '';
  const output = {
    result: async (text: string) => {
      out += text;
      ports.seen?.(out);
    },
    note: async (text: string) => {
      err += text;
    },
  };
  const { clock = systemClock, signal = new AbortController().signal } = ports;
  const status = await command(['--no-timestamps', ...argv], { output, clock, signal });
  return { status, out, err };
}
