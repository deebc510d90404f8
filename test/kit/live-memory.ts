import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { onTestFinished } from 'vitest';

setFlagsFromString('--expose-gc');

/** Collects garbage. The flag brings the function into contexts that are made after it. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that this process really needs, for garbage that waits to be collected differs from run to run. */
export function liveMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The bytes that are needed more than before, at the end of what is done. */
export async function growthDuring(act: () => Promise<void>): Promise<number> {
  const before = liveMemory();
  await act();
  return liveMemory() - before;
}

/** Looks every 250 ms until the test is over; returns how to ask for the most that was needed beyond the start. */
export function watchGrowth(): () => number {
  const before = liveMemory();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, liveMemory())), 250);
  onTestFinished(() => clearInterval(timer));
  return () => Math.max(most, liveMemory()) - before;
}
