/**
 * The clauses that each kind of message allows, in the order in which they are tried.
 * Adding a clause means a file in `clauses/` and a line here.
 */
import type { ClauseType } from './clause.js';
import { body, frameBody } from './clauses/body.js';
import { chunks } from './clauses/chunks.js';
import { contentCoding } from './clauses/content-coding.js';
import { contentType } from './clauses/content-type.js';
import { disconnect } from './clauses/disconnect.js';
import { flags } from './clauses/flag.js';
import { flip } from './clauses/flip.js';
import { erase } from './clauses/erase.js';
import { header } from './clauses/header.js';
import { inject } from './clauses/inject.js';
import { key, noKey } from './clauses/key.js';
import { location } from './clauses/location.js';
import { nestedFrame } from './clauses/nested-frame.js';
import { nestedResponse } from './clauses/nested-response.js';
import { opcode } from './clauses/opcode.js';
import { overwrite } from './clauses/overwrite.js';
import { pause } from './clauses/pause.js';
import { payloadLength } from './clauses/payload-length.js';
import { protocolVersion } from './clauses/protocol-version.js';
import { rate } from './clauses/rate.js';
import { raw } from './clauses/raw.js';
import { rawPayload } from './clauses/raw-payload.js';
import { reason } from './clauses/reason.js';
import { times } from './clauses/times.js';
import { trailer } from './clauses/trailer.js';
import { userAgent, userAgentShortcut } from './clauses/user-agent.js';

// The clauses that the ancestor did not have stand last, so that whatever it accepted reads as it did.
const furtherActions: readonly ClauseType[] = [rate, overwrite, erase, flip];
const furtherHttp: readonly ClauseType[] = [protocolVersion, chunks, trailer, contentCoding];

export const responseClauses: readonly ClauseType[] = [
  header,
  contentType,
  location,
  raw,
  reason,
  body,
  pause,
  disconnect,
  inject,
  times,
  ...furtherActions,
  ...furtherHttp,
];

export const requestClauses: readonly ClauseType[] = [
  header,
  contentType,
  userAgentShortcut,
  userAgent,
  raw,
  nestedResponse,
  body,
  times,
  pause,
  disconnect,
  inject,
  ...furtherActions,
  ...furtherHttp,
];

export const frameClauses: readonly ClauseType[] = [
  opcode,
  payloadLength,
  ...flags,
  pause,
  disconnect,
  inject,
  noKey,
  key,
  times,
  frameBody,
  rawPayload,
  ...furtherActions,
];

export const clientFrameClauses: readonly ClauseType[] = [...frameClauses, nestedFrame];
