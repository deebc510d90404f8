/**
 * `cli.json`: command lines of mitmdump, with what is printed, written, and the exit status. Of errors it counts that
 * there is one, told in a line: the words are ours.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Failure } from '../conformance/report.js';
import { runMitmdump } from '../kit/run-mitmdump.js';
import type { RanMitmdump } from '../kit/run-mitmdump.js';
import { departures } from './command-departures.js';
import { readJson } from './corpus-files.js';
import { differences } from './differences.js';
import { readable, result } from './suite.js';
import type { CaseResult } from './suite.js';

interface CommandCase {
  readonly argv: readonly string[];
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files?: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}

export async function checkCommands(directory: string): Promise<CaseResult[]> {
  if (!existsSync(join(directory, 'cli.json'))) return [];
  return [...(await readable('cli.json', () => checkAll(directory, casesOf(readJson(directory, 'cli.json')))))];
}

async function checkAll(directory: string, commands: readonly CommandCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [i, command] of commands.entries()) {
    results.push(result(`cli.json#${String(i)} ${command.argv.join(' ')}`, await check(directory, command)));
  }
  return results;
}

/** A list, or an object with the list in it. */
function casesOf(content: unknown): CommandCase[] {
  const list = Array.isArray(content) ? content : Object.values(Object(content) as object).find(Array.isArray);
  // What is none of a case shows in what it is compared with.
  return (list ?? []) as CommandCase[];
}

async function check(directory: string, command: CommandCase): Promise<Failure[]> {
  const work = mkdtempSync(join(tmpdir(), 'pathod-cli-'));
  try {
    const departure = departures[command.argv.join(' ')];
    const { rc, stdout, stderr, files } = { ...command, ...departure };
    const { further = [] } = departure ?? {};
    const flows = resolve(directory, 'flows');
    const argv = command.argv.map((text) => text.replaceAll('@FLOWS@', flows).replaceAll('@WORK@', work));
    const ran = await runMitmdump(['--confdir', join(work, 'confdir'), ...further, ...argv], {
      ends: further.length === 0,
    });
    return [
      ...differences({ rc, stdout }, { rc: ran.status, stdout: ran.out }),
      ...complaints(stderr, ran),
      ...filesIn(work, files),
    ];
  } catch (error) {
    return [{ fact: 'run', expected: 'no error', actual: String(error) }];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function complaints(wanted: string, { err }: RanMitmdump): Failure[] {
  const isAsWanted = wanted === '' ? err === '' : /^mitmdump: [^\n]+\n/.test(err);
  if (isAsWanted) return [];
  return [
    { fact: 'stderr', expected: wanted === '' ? 'nothing' : 'mitmdump: what is wrong', actual: JSON.stringify(err) },
  ];
}

function filesIn(work: string, files: CommandCase['files'] = {}): Failure[] {
  return Object.entries(files).flatMap(([name, expected]) => {
    const path = join(work, name);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return differences(expected, { size: bytes.length, sha256 }, name);
  });
}
