import { execFile } from 'node:child_process';

/** How a program ended, and what it wrote. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a failure is an answer as well. Fails when it cannot be started. */
export function run(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 50_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new Error(`cannot run ${program}`, { cause: error }));
    });
  });
}
