/** What goes over HTTP/2, section 5: fields and body of a message that HTTP/1 has the same text for. */
import type { ReadFile } from './files.js';
import { find } from './model.js';
import type { Clause, Message } from './model.js';
import { print } from './print.js';
import { userAgents } from './tables.js';
import { runOf } from './wire.js';
import type { Run } from './wire.js';

/** A field: the runs of its name and of its value. */
export type Http2FieldRuns = readonly [name: readonly Run[], value: readonly Run[]];

export interface Http2Parts {
  /** Pseudo header fields that are added by default, then all others. */
  readonly fields: readonly Http2FieldRuns[];
  readonly body: Run;
}

/** What a case says of the other end. */
export interface Http2Settings {
  readonly files: ReadFile;
  readonly requestHost: string | null;
  readonly port: number | null;
}

/** Clauses that HTTP/2 has, methods aside. */
const shared = ['statuscode', 'method', 'path', 'header', 'contenttype', 'raw', 'body'];

/** Whether a message is one over HTTP/2 as well. @param spec its text: three methods need quotes there */
export function isHttp2(message: Message, spec: string): boolean {
  const own = message.kind === 'response' ? ['location'] : ['useragent', 'shortcut', 'nestedresponse'];
  if (message.kind === 'frame' || /(^|\s)(options|trace|connect)\s*:/i.test(spec)) return false;
  return message.clauses.every(
    (clause) =>
      [...shared, ...own].includes(clause.name) && (clause.name !== 'nestedresponse' || isHttp2(clause.inner, '')),
  );
}

/** @throws {Denial} */
export function http2Parts(message: Message, { files, requestHost, port }: Http2Settings): Http2Parts {
  const written = message.clauses.flatMap((clause) => fieldOf(clause, files));
  const has = (name: string): boolean => written.some(([own]) => textOf(own)?.toLowerCase() === name);
  const body = find(message, 'body');
  const bodyRun = body ? runOf(body.value, files) : text('');
  const pseudo = message.kind === 'response' ? statusOf(message, has) : targetOf(message, files);
  if (message.kind === 'request' && requestHost !== null && !has(':authority')) {
    const suffix = port === null || port === 443 ? '' : `:${String(port)}`;
    pseudo.push([[text(':authority')], [text(requestHost + suffix)]]);
  }
  const needsLength = !find(message, 'raw') && !has('content-length');
  const length: Http2FieldRuns[] = needsLength ? [[[text('content-length')], [text(String(bodyRun.length))]]] : [];
  return { fields: [...pseudo, ...written, ...length], body: bodyRun };
}

function statusOf(message: Message, has: (name: string) => boolean): Http2FieldRuns[] {
  const code = find(message, 'statuscode')?.digits ?? '';
  return has(':status') ? [] : [[[text(':status')], [text(String(BigInt(code)))]]];
}

function targetOf(message: Message, files: ReadFile): Http2FieldRuns[] {
  const method = find(message, 'method');
  const path = find(message, 'path');
  const embedded = find(message, 'nestedresponse');
  return [
    [[text(':method')], method ? [upperCase(runOf(method.value, files))] : []],
    [[text(':path')], [...(path ? [runOf(path.value, files)] : []), text(embedded ? print(embedded.inner) : '')]],
    [[text(':scheme')], [text('http')]],
  ];
}

function fieldOf(clause: Clause, files: ReadFile): Http2FieldRuns[] {
  switch (clause.name) {
    case 'header':
      return [[[runOf(clause.field, files)], [runOf(clause.value, files)]]];
    case 'contenttype':
      return [[[text('content-type')], [runOf(clause.value, files)]]];
    case 'location':
      return [[[text('location')], [runOf(clause.value, files)]]];
    case 'useragent':
      return [[[text('user-agent')], [runOf(clause.value, files)]]];
    case 'shortcut':
      return [[[text('user-agent')], [text(userAgents.find(([letter]) => letter === clause.letter)?.[2] ?? '')]]];
    default:
      return [];
  }
}

/** ASCII letters in upper case. */
function upperCase(run: Run): Run {
  const upper = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
  if ('bytes' in run) return { length: run.length, bytes: Buffer.from(run.bytes.map(upper)) };
  return { length: run.length, from: new Set([...run.from].map(upper)) };
}

function textOf(runs: readonly Run[]): string | undefined {
  if (!runs.every((run) => 'bytes' in run)) return undefined;
  return Buffer.concat(runs.map((run) => ('bytes' in run ? run.bytes : Buffer.alloc(0)))).toString('latin1');
}

function text(content: string): Run {
  return { length: content.length, bytes: Buffer.from(content, 'latin1') };
}
