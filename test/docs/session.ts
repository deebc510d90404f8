/**
 * Carries out the console blocks of a page: commands behind `$ `, and below each what it prints.
 *
 * Programs that listen are started in the background on free ports; the ports that the page names stand for
 * them in commands and in what is printed. `...` stands for anything.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** A command, and what it prints according to the page. */
export interface Step {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
}

/** What a page says and what happened instead. */
export interface Difference {
  readonly line: number;
  readonly command: string;
  readonly expected: string;
  readonly printed: string;
}

/** A {@link Difference} in terms of the page: the step, and what should stand below its command. */
export interface Correction {
  readonly step: Step;
  readonly printed: string;
}

/** A program that listens. */
interface Service {
  readonly step: Step;
  readonly child: ChildProcess;
  printed: string;
}

const announcement = /listening (?:on \('[^']*', |on port |at \S*:)(\d+)\)?\n/;

/** Splits a block into its steps. A command goes on behind a backslash at the end of its line. */
export function stepsOf({ line, text }: { readonly line: number; readonly text: string }): Step[] {
  const steps: { line: number; command: string; expected: string }[] = [];
  let goesOn = false;
  for (const [index, one] of text.split('\n').entries()) {
    const last = steps.at(-1);
    if (one.startsWith('$ ')) steps.push({ line: line + index, command: one.slice(2), expected: '' });
    else if (last === undefined) throw new Error(`line ${String(line + index)}: a console block begins with a command`);
    else if (goesOn) last.command += `\n${one}`;
    else last.expected += `${one}\n`;
    goesOn = (one.startsWith('$ ') || goesOn) && one.endsWith('\\');
  }
  return steps;
}

/** The commands of one page, carried out in order in a folder of their own. */
export class Session {
  /** What was not as the page says. */
  readonly differences: Difference[] = [];
  readonly corrections: Correction[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'pathod-docs-'));
  private readonly services = new Map<string, Service>();
  private readonly ports = new Map<string, string>();
  private status = 0;

  constructor() {
    const programs = join(this.folder, '.bin');
    mkdirSync(programs);
    const write = (name: string, line: string): void => {
      writeFileSync(join(programs, name), `#!/bin/sh\nexec ${line} "$@"\n`);
      chmodSync(join(programs, name), 0o755);
    };
    for (const [name, file] of Object.entries({ pathod: 'pathod', pathoc: 'pathoc', mitmdump: 'proxy/dump' })) {
      write(name, `"${process.execPath}" "${resolve(`dist/${file}/main.js`)}"`);
    }
    write('npx', '');
    write('node', `"${process.execPath}"`);
  }

  /** Writes a file that commands use. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), `${text}\n`);
  }

  async carryOut(step: Step): Promise<void> {
    const isDaemon = /^(npx )?(pathod|mitmdump)\b/.test(step.command) && announcement.test(step.expected);
    const inBackground = step.command.endsWith(' &') || (isDaemon && !/ (-D|--daemonize)\b/.test(step.command));
    if (inBackground) await this.startService(step, isDaemon);
    else await this.run(step, isDaemon ? `${step.command} -p 0` : step.command);
  }

  /** Ends all that still runs, and compares what the services printed. */
  async end(): Promise<void> {
    try {
      for (const name of this.services.keys()) await this.stopService(name);
    } finally {
      for (const { child } of this.services.values()) child.kill('SIGKILL');
      this.killStrays();
      rmSync(this.folder, { recursive: true });
    }
  }

  private async run(step: Step, command: string): Promise<void> {
    const child = this.spawn(`(exit ${String(this.status)})\n{ ${this.withPorts(command)}\n} 2>&1`, 20_000);
    let printed = '';
    child.stdout?.setEncoding('latin1').on('data', (text: string) => (printed += text));
    const [status] = (await once(child, 'close')) as [number | null];
    this.status = status ?? 124;
    this.learnPort(step, printed);
    this.compare(step, printed);
  }

  private async startService(step: Step, isDaemon: boolean): Promise<void> {
    const named = announcement.exec(step.expected)?.[1];
    if (named === undefined) throw new Error(`line ${String(step.line)}: no port is announced`);
    await this.stopService(named);
    const command = step.command.replace(/ &$/, '').replace(`listen(${named}`, 'listen(0');
    const child = this.spawn(`exec ${this.withPorts(command)}${isDaemon ? ' -p 0' : ''} 2>&1`);
    const service: Service = { step, child, printed: '' };
    this.services.set(named, service);
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      service.printed += text;
      child.emit('printed');
    });
    const closed = once(child, 'close').then(() => true);
    while (!announcement.test(service.printed)) {
      if (await Promise.race([closed, once(child, 'printed').then(() => false)])) break;
    }
    this.learnPort(step, service.printed);
  }

  /** As with Ctrl-C. */
  private async stopService(named: string): Promise<void> {
    const service = this.services.get(named);
    if (service === undefined) return;
    const { step, child } = service;
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      child.kill('SIGINT');
      await closed;
    }
    this.compare(step, service.printed);
    this.services.delete(named);
  }

  private spawn(script: string, timeout?: number): ChildProcess {
    const path = [join(this.folder, '.bin'), process.env['PATH']].join(delimiter);
    return spawn('bash', ['-c', script], {
      cwd: this.folder,
      env: { ...process.env, PATH: path, HOME: this.folder, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout,
    });
  }

  private learnPort(step: Step, printed: string): void {
    const named = announcement.exec(step.expected)?.[1];
    const actual = announcement.exec(printed)?.[1];
    if (named !== undefined && actual !== undefined) this.ports.set(named, actual);
  }

  private withPorts(command: string): string {
    let text = command;
    for (const [named, actual] of this.ports) text = text.replaceAll(new RegExp(`\\b${named}\\b`, 'g'), actual);
    return text;
  }

  private compare(step: Step, text: string): void {
    const { line, command } = step;
    let printed = text.replaceAll('\r\n', '\n');
    for (const [named, actual] of this.ports) printed = printed.replaceAll(new RegExp(`\\b${actual}\\b`, 'g'), named);
    const expected = normalised(step.expected);
    const pattern = expected
      .split('...')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('[^]*?');
    if (new RegExp(`^${pattern}$`).test(normalised(printed))) return;
    this.differences.push({ line, command, expected, printed: normalised(printed) });
    this.corrections.push({ step, printed });
  }

  /** What a daemon in the background left running when a page failed in the middle. */
  private killStrays(): void {
    for (const name of readdirSync(this.folder).filter((file) => file.endsWith('.pid'))) {
      try {
        process.kill(Number(readFileSync(join(this.folder, name), 'utf8')), 'SIGTERM');
      } catch {
        // It is gone already.
      }
    }
  }
}

/** Text without what is another one every time, and without white space that cannot be seen. */
function normalised(text: string): string {
  return text
    .replaceAll(/\bpath(od|oc) \d+\.\d+\.\d+/g, 'path$1 VERSION')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE TIME')
    .replaceAll(/\d\d-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE TIME')
    .replaceAll(/\bseed \d+/g, 'seed N')
    .replaceAll(/--seed \d+(?=\))/g, '--seed N')
    .replaceAll('\t', '    ')
    .replaceAll(/ +$/gm, '')
    .trimEnd();
}
