/** Bytes and actions of a resolved message, sections 5 to 7. */
import { Denial } from './files.js';
import type { ReadFile } from './files.js';
import { find, flags, sizeOf } from './model.js';
import type { Clause, Message, Value } from './model.js';
import { print } from './print.js';
import { datatypes, keyCharacters, opcodes, reasons, userAgents } from './tables.js';

/** Bytes that are known, or drawn. */
export type Run = { readonly length: number; readonly bytes: Buffer } | DrawnRun;

/** A number of bytes of which only the characters are known; these may be masked. */
export interface DrawnRun {
  readonly length: number;
  readonly from: ReadonlySet<number>;
  readonly mask?: { readonly key: Buffer; readonly phase: number };
}

/** Something done at an offset, in the terms of a corpus. */
export type Act =
  | { readonly at: bigint; readonly kind: 'inject'; readonly data: Run }
  | { readonly at: bigint; readonly kind: 'pause'; readonly seconds: number | 'f' }
  | { readonly at: bigint; readonly kind: 'disconnect' };

/** The bytes of a message, its actions left out. @throws {Denial} */
export function runsOf(message: Message, files: ReadFile): Run[] {
  if (message.kind === 'frame') return frameRuns(message, files);
  const code = find(message, 'statuscode')?.digits ?? '101';
  const reason = find(message, 'reason');
  const runs: Run[] =
    message.kind === 'request'
      ? requestLine(message, files)
      : [
          text(`HTTP/1.1 ${code} `),
          reason ? runOf(reason.value, files) : text(reasons.get(Number(code)) ?? 'Unknown code'),
        ];
  runs.push(text('\r\n'), ...message.clauses.flatMap((clause) => fieldRuns(clause, files)), text('\r\n'));
  const body = find(message, 'body');
  return body ? [...runs, runOf(body.value, files)] : runs;
}

function requestLine(message: Message, files: ReadFile): Run[] {
  const method = find(message, 'method');
  const path = find(message, 'path');
  const embedded = find(message, 'nestedresponse');
  return [
    method ? runOf(method.value, files) : text('GET'),
    text(' '),
    ...(path ? [runOf(path.value, files)] : []),
    // Q02: the canonical text, not the written one.
    text(`${embedded ? print(embedded.inner) : ''} HTTP/1.1`),
  ];
}

function fieldRuns(clause: Clause, files: ReadFile): Run[] {
  const field = (name: Run, value: Run): Run[] => [name, text(': '), value, text('\r\n')];
  switch (clause.name) {
    case 'header':
      return field(runOf(clause.field, files), runOf(clause.value, files));
    case 'contenttype':
      return field(text('Content-Type'), runOf(clause.value, files));
    case 'location':
      return field(text('Location'), runOf(clause.value, files));
    case 'useragent':
      return field(text('User-Agent'), runOf(clause.value, files));
    case 'shortcut':
      return field(text('User-Agent'), text(userAgents.find(([letter]) => letter === clause.letter)?.[2] ?? ''));
    default:
      return [];
  }
}

function frameRuns(message: Message, files: ReadFile): Run[] {
  const payload = payloadOf(message, files);
  const key = find(message, 'key');
  const masked = find(message, 'mask')?.set ?? (key !== undefined || find(message, 'knone') !== undefined);
  const header = frameHeader(message, payload.length, masked);
  if (!masked || !key) return [header, payload];
  const keyRun = runOf(key.value, files);
  if (keyRun.length !== 4) throw new Denial('RenderError', 'key is not four bytes');
  const clear = find(message, 'rawbody') !== undefined;
  return [header, keyRun, clear ? payload : maskRun(payload, keyRun)];
}

function payloadOf(message: Message, files: ReadFile): Run {
  const own = find(message, 'body') ?? find(message, 'rawbody');
  if (own) return runOf(own.value, files);
  const nested = find(message, 'nestedframe');
  return text(nested ? `pathod!${print(nested.inner)}` : '');
}

function frameHeader(message: Message, payloadLength: number, masked: boolean): Run {
  const word = find(message, 'opcode')?.word ?? 'text';
  const opcode = typeof word === 'string' ? (opcodes.get(word) ?? 0) : Number(word);
  const bits = flags.slice(0, 4).map((flag) => (find(message, flag)?.set ? 1 : 0));
  const first = bits.reduce((sum: number, bit, i) => sum | (bit << (7 - i)), opcode);
  const length = find(message, 'length')?.number ?? BigInt(payloadLength);
  const width = length < 126n ? 0 : length < 65536n ? 2 : 8;
  const second = (masked ? 0x80 : 0) | (width === 0 ? Number(length) : width === 2 ? 126 : 127);
  const digits = width === 0 ? '' : length.toString(16).padStart(2 * width, '0');
  return known(Buffer.concat([Buffer.of(first, second), Buffer.from(digits, 'hex')]));
}

function maskRun(payload: Run, key: Run): Run {
  if (!('bytes' in key)) return { length: payload.length, from: anyByte };
  if (!('bytes' in payload)) return { ...payload, mask: { key: key.bytes, phase: 0 } };
  return known(payload.bytes.map((byte, i) => byte ^ (key.bytes[i % 4] ?? 0)));
}

const anyByte: ReadonlySet<number> = datatypes.get('bytes') ?? new Set();
const base64 = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='));

/** The bytes of a value. @throws {Denial} */
export function runOf(value: Value, files: ReadFile): Run {
  if (value.type === 'file') return known(files(value.path));
  if ('bytes' in value) return known(value.bytes);
  if (value.type === 'generated') return { length: sizeOf(value), from: datatypes.get(value.datatype) ?? anyByte };
  return value.what === 'key' ? { length: 4, from: keyCharacters } : { length: 24, from: base64 };
}

/** Bytes of a value. @throws {Denial} */
export function valueLength(value: Value, files: ReadFile): number {
  return runOf(value, files).length;
}

function text(content: string): Run {
  return known(Buffer.from(content, 'latin1'));
}

function known(bytes: Uint8Array): Run {
  return { length: bytes.length, bytes: Buffer.from(bytes) };
}

export function lengthOf(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0);
}

/** The actions of a resolved message in the order applied. @throws {Denial} */
export function actsOf(message: Message, files: ReadFile): Act[] {
  const acts = message.clauses.flatMap((clause): Act[] => {
    if (!('offset' in clause)) return [];
    const at = typeof clause.offset === 'bigint' ? clause.offset : 0n;
    if (clause.name === 'disconnectat') return [{ at, kind: 'disconnect' }];
    if (clause.name === 'injectat') return [{ at, kind: 'inject', data: runOf(clause.value, files) }];
    return [{ at, kind: 'pause', seconds: clause.seconds === 'f' ? 'f' : Number(clause.seconds) }];
  });
  return acts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** What goes out when the actions are performed: bytes, and where among them is paused and closed. */
export interface Performance {
  readonly output: readonly Run[];
  /** `[bytes sent before, seconds]`. */
  readonly pauses: readonly (readonly [at: number, seconds: number | 'f'])[];
  readonly disconnect: boolean;
}

export function perform(runs: readonly Run[], acts: readonly Act[]): Performance {
  const output: Run[] = [];
  const pauses: [number, number | 'f'][] = [];
  const total = lengthOf(runs);
  let from = 0;
  for (const act of acts) {
    const to = act.at < BigInt(total) ? Number(act.at) : total;
    output.push(...slice(runs, from, to));
    from = to;
    if (act.kind === 'disconnect') return { output, pauses, disconnect: true };
    if (act.kind === 'inject') output.push(act.data);
    else pauses.push([lengthOf(output), act.seconds]);
  }
  return { output: [...output, ...slice(runs, from, total)], pauses, disconnect: false };
}

function slice(runs: readonly Run[], from: number, to: number): Run[] {
  let at = 0;
  return runs.flatMap((run) => {
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, run.length);
    at += run.length;
    if (start >= end) return [];
    if ('bytes' in run) return [known(run.bytes.subarray(start, end))];
    const mask = run.mask && { key: run.mask.key, phase: run.mask.phase + start };
    return [{ length: end - start, from: run.from, ...(mask && { mask }) }];
  });
}

/** Where bytes are not such as the runs allow, in words; undefined when they are. A prefix is enough when `part`. */
export function mismatch(bytes: Buffer, runs: readonly Run[], part = false): string | undefined {
  const length = lengthOf(runs);
  if (!part && bytes.length !== length) return `${String(length)} bytes instead of ${String(bytes.length)}`;
  let at = 0;
  for (const run of runs) {
    const piece = bytes.subarray(at, at + run.length);
    const wrong = piece.findIndex((byte, i) => !allows(run, byte, i));
    if (wrong >= 0) return `byte ${String(at + wrong)} is ${hex(piece[wrong])}, not ${describe(run, wrong)}`;
    at += run.length;
  }
  return undefined;
}

function allows(run: Run, byte: number, index: number): boolean {
  if ('bytes' in run) return run.bytes[index] === byte;
  return run.from.has(unmasked(run, byte, index));
}

/** Counts what was drawn from each set of characters. */
export function tallyDrawn(
  bytes: Buffer,
  runs: readonly Run[],
  tally: Map<ReadonlySet<number>, { draws: number; readonly seen: Set<number> }>,
): void {
  let at = 0;
  for (const run of runs) {
    const piece = bytes.subarray(at, at + run.length);
    at += run.length;
    if ('bytes' in run) continue;
    const entry = tally.get(run.from) ?? { draws: 0, seen: new Set() };
    tally.set(run.from, entry);
    entry.draws += piece.length;
    piece.forEach((byte, i) => entry.seen.add(unmasked(run, byte, i)));
  }
}

function unmasked(run: DrawnRun, byte: number, index: number): number {
  return run.mask ? byte ^ (run.mask.key[(run.mask.phase + index) % 4] ?? 0) : byte;
}

function describe(run: Run, index: number): string {
  return 'bytes' in run ? hex(run.bytes[index]) : `one of ${String(run.from.size)} allowed there`;
}

function hex(byte = 0): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
