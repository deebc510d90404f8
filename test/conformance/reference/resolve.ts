/** Defaults and offsets, sections 5 to 7, with what chance decides left open. */
import { createHash } from 'node:crypto';
import { Denial } from './files.js';
import type { ReadFile } from './files.js';
import { find, literalOf } from './model.js';
import type { Clause, Message, Offset, Value } from './model.js';
import { websocketGuid } from './tables.js';
import { lengthOf, runsOf, valueLength } from './wire.js';

/** What a corpus case sets. */
export interface ReferenceSettings {
  readonly files: ReadFile;
  readonly requestHost: string | null;
  readonly websocketKey: string | null;
}

/** @throws {Denial} */
export function resolveMessage(message: Message, settings: ReferenceSettings): Message {
  const complete: Message = { ...message, clauses: withDefaults(message, settings) };
  let length: number | undefined;
  const measure = (): number => (length ??= lengthOf(runsOf(complete, settings.files)));
  return { ...complete, clauses: complete.clauses.map((clause) => fixOffset(clause, measure)) };
}

function fixOffset(clause: Clause, length: () => number): Clause {
  if (!('offset' in clause)) return clause;
  return { ...clause, offset: fixed(clause.offset, length) };
}

function fixed(offset: Offset, length: () => number): Offset {
  if (offset === 'a') return BigInt(length() + 1);
  return offset === 'r' ? { below: length() } : offset;
}

function withDefaults(message: Message, settings: ReferenceSettings): readonly Clause[] {
  if (message.kind === 'frame') return withMask(message);
  return message.kind === 'response' ? responseDefaults(message, settings) : requestDefaults(message, settings);
}

/** Q08: wherever the mask bit goes out without a key, resolving makes one up. */
function withMask(message: Message): readonly Clause[] {
  const clauses = [...message.clauses];
  if (message.client && !find(message, 'mask')) clauses.push({ name: 'mask', set: true });
  const masked = find({ ...message, clauses }, 'mask')?.set === true;
  if (masked && !find(message, 'key') && !find(message, 'knone'))
    clauses.push({ name: 'key', value: { type: 'drawn', what: 'key' } });
  return clauses;
}

function responseDefaults(message: Message, settings: ReferenceSettings): readonly Clause[] {
  let clauses = message.clauses;
  if (find(message, 'ws')) {
    if (!settings.websocketKey) throw new Denial('RenderError', 'no websocket key');
    if (!find(message, 'statuscode')) clauses = behindWs(clauses, { name: 'statuscode', digits: '101' });
    const accept = createHash('sha1')
      .update(settings.websocketKey + websocketGuid)
      .digest('base64');
    clauses = add(clauses, settings, 'connection', literalOf('upgrade'));
    clauses = add(clauses, settings, 'upgrade', literalOf('websocket'));
    clauses = add(clauses, settings, 'sec-websocket-accept', literalOf(accept));
  }
  return find(message, 'raw') ? clauses : addLength({ ...message, clauses }, settings);
}

function requestDefaults(message: Message, settings: ReferenceSettings): readonly Clause[] {
  let clauses = message.clauses;
  if (find(message, 'ws')) {
    if (!find(message, 'method')) clauses = behindWs(clauses, { name: 'method', value: literalOf('GET') });
    clauses = add(clauses, settings, 'connection', literalOf('upgrade'));
    clauses = add(clauses, settings, 'upgrade', literalOf('websocket'));
    clauses = add(clauses, settings, 'sec-websocket-version', literalOf('13'));
    clauses = add(clauses, settings, 'sec-websocket-key', { type: 'drawn', what: 'handshake' });
  }
  if (find(message, 'raw')) return clauses;
  if (find(message, 'body')) clauses = addLength({ ...message, clauses }, settings);
  const host = settings.requestHost && (hostOfPath(message, settings.files) ?? settings.requestHost);
  return host ? add(clauses, settings, 'Host', literalOf(host)) : clauses;
}

function behindWs(clauses: readonly Clause[], added: Clause): readonly Clause[] {
  return clauses.flatMap((clause) => (clause.name === 'ws' ? [clause, added] : [clause]));
}

function addLength(message: Message, settings: ReferenceSettings): readonly Clause[] {
  const body = find(message, 'body');
  const length = body ? valueLength(body.value, settings.files) : 0;
  return add(message.clauses, settings, 'Content-Length', literalOf(String(length)));
}

/** Adds a header unless one of that name is there in any case. A name that is drawn is no name yet (Q33). */
function add(clauses: readonly Clause[], { files }: ReferenceSettings, name: string, value: Value): readonly Clause[] {
  const present = clauses.some((clause) => fieldName(clause, files)?.toLowerCase() === name.toLowerCase());
  return present ? clauses : [...clauses, { name: 'header', field: literalOf(name), value }];
}

function fieldName(clause: Clause, files: ReadFile): string | undefined {
  const short = { contenttype: 'Content-Type', location: 'Location', useragent: 'User-Agent', shortcut: 'User-Agent' };
  if (clause.name !== 'header') return clause.name in short ? short[clause.name as keyof typeof short] : undefined;
  const { field } = clause;
  if (field.type === 'file') return files(field.path).toString('latin1');
  return 'bytes' in field ? field.bytes.toString('latin1') : undefined;
}

/** The host of an absolute URL, Q34: without port, in lower case, without brackets; nothing when it is not valid. */
function hostOfPath(message: Message, files: ReadFile): string | undefined {
  const path = find(message, 'path')?.value;
  const bytes = path?.type === 'file' ? files(path.path) : path && 'bytes' in path ? path.bytes : Buffer.alloc(0);
  const text = bytes.toString('latin1').replace(/[^\0-\x7f]/g, '');
  const url =
    /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#]*@)?(?:\[([0-9a-f:.]+)\]|([^/?#:@[\]]+))(?::([0-9]*))?(?:[/?#]|$)/i.exec(
      text,
    );
  const host = (url?.[1] ?? url?.[2])?.toLowerCase();
  if (host === undefined || Number(url?.[3] ?? 0) > 65535) return undefined;
  const valid = url?.[1] !== undefined || /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/.test(host);
  return valid ? host : undefined;
}
