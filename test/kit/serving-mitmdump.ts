import { onTestFinished } from 'vitest';
import { runMitmdump } from './run-mitmdump.js';
import type { RanMitmdump } from './run-mitmdump.js';

/** Our mitmdump, which listens in this process. */
export interface ServingMitmdump {
  readonly port: number;
  /** Lets it end in order, so that what it writes is written. */
  stop(): Promise<RanMitmdump>;
}

/**
 * Runs our mitmdump in this process with this configuration directory, on a free port, and resolves once it listens.
 * It takes any certificate of the servers behind it, and ends when the test is over.
 */
export async function servingMitmdump(directory: string, ...argv: readonly string[]): Promise<ServingMitmdump> {
  const over = new AbortController();
  let said = '';
  let ran: Promise<RanMitmdump> | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    const onOutput = (text: string): void => {
      said += text;
      const found = /listening at 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    ran = runMitmdump(['--confdir', directory, '--ssl-insecure', '-p', '0', ...argv], {
      signal: over.signal,
      onOutput,
    });
    void ran.then(({ err }) => {
      reject(new Error(`ended without listening: ${err}`));
    }, reject);
  });
  const stop = async (): Promise<RanMitmdump> => {
    over.abort();
    // It was run above.
    return (await ran) as RanMitmdump;
  };
  onTestFinished(async () => void (await stop()));
  return { port, stop };
}
