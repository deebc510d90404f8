/** What makes a request the same as one that was recorded. */
import { createHash } from 'node:crypto';
import type { Request } from '../message/request.js';
import { splitPath } from '../message/path-parts.js';
import { bodyPieces } from './body-pieces.js';

/** What of requests is compared. */
export interface ReplayKeyOptions {
  readonly ignoreContent: boolean;
  readonly ignoreHost: boolean;
  readonly ignorePort: boolean;
  /** Names of parameters of the query that are not. */
  readonly ignoreParams: readonly string[];
  /** Names of fields of forms that are not. */
  readonly ignorePayloadParams: readonly string[];
  /** Names of header fields that are. */
  readonly useHeaders: readonly string[];
}

/** A part of a key. */
export interface ReplayKeyPart {
  /** What it is, for people. */
  readonly name: string;
  /** How much it says about what a request is for. */
  readonly weight: number;
  /** What is compared. */
  readonly value: string;
  /** The same, for people. */
  readonly shown: string;
  /** Whether it is a body of which that does not show all. */
  readonly isCut?: boolean;
}

/** The parts of the key of a request, always the same ones for the same options. */
export function replayKey(request: Request, options: ReplayKeyOptions): readonly ReplayKeyPart[] {
  const { scheme, method, prettyHost, port, path } = request;
  const parts: ReplayKeyPart[] = [part('method', 4, method), part('scheme', 1, scheme)];
  if (!options.ignoreHost) parts.push(part('host', 4, prettyHost));
  if (!options.ignorePort) parts.push(part('port', 1, String(port)));
  parts.push(part('path', 8, splitPath(path).path), query(request, options.ignoreParams));
  if (!options.ignoreContent) parts.push(body(request, options.ignorePayloadParams));
  return [...parts, ...options.useHeaders.map((name) => header(request, name))];
}

/** A text that two requests have in common when they are the same. */
export function keyText(parts: readonly ReplayKeyPart[]): string {
  return JSON.stringify(parts.map(({ value }) => value));
}

function part(name: string, weight: number, value: string): ReplayKeyPart {
  return { name, weight, value, shown: value };
}

function query(request: Request, ignored: readonly string[]): ReplayKeyPart {
  const pairs = [...request.query].filter(([name]) => !ignored.includes(name));
  return { ...part('query', 2, JSON.stringify(pairs)), shown: pairsText(pairs) };
}

function header(request: Request, name: string): ReplayKeyPart {
  const value = request.headers.get(name);
  return { name: `header ${name}`, weight: 1, value: JSON.stringify([value]), shown: value ?? 'nothing' };
}

function body(request: Request, ignored: readonly string[]): ReplayKeyPart {
  const pairs = ignored.length === 0 ? [] : formOf(request);
  if (pairs.length > 0) {
    const kept = pairs.filter(([name]) => !ignored.includes(name));
    return { ...part('form', 2, JSON.stringify(['form', kept])), shown: pairsText(kept) };
  }
  const { rawContent } = request;
  if (rawContent === undefined) return { ...part('body', 2, 'none'), shown: 'not kept' };
  const pieces = bodyPieces(request, rawContent);
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  const lengths = pieces.map(({ length }) => length).join(' ');
  return { ...part('body', 2, `${lengths} ${hash.digest('base64')}`), ...shownBody(rawContent) };
}

function formOf(request: Request): readonly (readonly [name: string, value: string])[] {
  const multipart = Array.from(request.multipartForm, ([name, value]) => [name, value.toString('latin1')] as const);
  return multipart.length > 0 ? multipart : [...request.urlencodedForm];
}

/** Characters of values that are shown. */
const longest = 80;

function pairsText(pairs: readonly (readonly [name: string, value: string])[]): string {
  return pairs.length === 0 ? 'nothing' : cut(pairs.map(([name, value]) => `${name}=${value}`).join('&'));
}

function shownBody(bytes: Buffer): Pick<ReplayKeyPart, 'shown' | 'isCut'> {
  if (bytes.length === 0) return { shown: 'empty' };
  const text = bytes.toString('latin1', 0, longest + 1);
  if (/[^\x20-\x7e]/.test(text)) return { shown: `${String(bytes.length)} bytes`, isCut: true };
  return { shown: JSON.stringify(cut(text)), isCut: text.length > longest };
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}
