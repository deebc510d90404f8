import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the soak that answers questions. */
export interface Child {
  /** What it said first. */
  readonly port: number;
  /** What it answers; the asker knows of what type that is. */
  ask<Answer>(question: string): Promise<Answer>;
  kill(): void;
}

/** Starts a script of this folder, which sends its port, and then an answer to each message. */
export async function startChild(script: string, ...argv: string[]): Promise<Child> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), argv, {
    execArgv: ['--expose-gc', '--import', import.meta.resolve('tsx')],
  });
  // What the scripts send first.
  const port = (await next(child)) as number;
  return {
    port,
    async ask<Answer>(question: string): Promise<Answer> {
      child.send(question);
      // As the caller knows.
      return (await next(child)) as Answer;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}

async function next(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const message = once(child, 'message', { signal: over.signal });
  const exit = once(child, 'exit', { signal: over.signal }).then(([code, signal]) => {
    throw new Error(`a process of the soak ended: ${String(signal ?? code)}`);
  });
  try {
    const [answer] = (await Promise.race([message, exit])) as [unknown];
    return answer;
  } finally {
    over.abort();
    for (const promise of [message, exit]) promise.catch(() => undefined);
  }
}
