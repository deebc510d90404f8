import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Seconds of processor time that it has used; NaN where the system does not tell. */
  cpu(): number;
  /** Megabytes that it has in memory now, and had at most; NaN where the system does not tell. */
  memory(): { readonly now: number; readonly peak: number };
  stop(): void;
}

const patience = 10_000;

/** Starts a program that prints where it listens, and in which process if that is not its own. Its output goes to a file, as that of a service does. */
export async function startServer(name: string, script: string, ...argv: string[]): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'pathod-bench-'));
  const log = join(folder, 'log');
  const file = openSync(log, 'w');
  const stdio: StdioOptions = ['ignore', file, 'inherit'];
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...argv], { stdio });
  closeSync(file);
  const { port, pid } = await listening(child, log);
  return {
    name,
    port,
    cpu: () => cpuOf(pid),
    memory: () => memoryOf(pid),
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, log: string): Promise<{ port: number; pid: number }> {
  for (const start = Date.now(); Date.now() - start < patience && child.exitCode === null;) {
    const printed = readFileSync(log, 'latin1').slice(0, 1000);
    const [, pid, port] = /(?:process (\d+) )?listening on (?:\('127\.0\.0\.1', )?(\d+)/.exec(printed) ?? [];
    if (port !== undefined) return { port: Number(port), pid: Number(pid ?? child.pid) };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`does not listen: ${readFileSync(log, 'utf8')}`);
}

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function cpuOf(pid: number): number {
  const [user, system] = proc(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

function memoryOf(pid: number): { now: number; peak: number } {
  const status = proc(pid, 'status');
  const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}
