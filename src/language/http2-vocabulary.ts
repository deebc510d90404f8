/** The clauses of messages over HTTP/2, in the order in which they are tried. */
import type { ClauseType } from './clause.js';
import { body } from './clauses/body.js';
import { contentCoding } from './clauses/content-coding.js';
import { contentType } from './clauses/content-type.js';
import { disconnect } from './clauses/disconnect.js';
import { erase } from './clauses/erase.js';
import { errorCode } from './clauses/error-code.js';
import { flip } from './clauses/flip.js';
import { fragments } from './clauses/fragments.js';
import { flagsByte, frameFlagClauses } from './clauses/frame-flags.js';
import { frameLength } from './clauses/frame-length.js';
import { frameData, wholePayload } from './clauses/frame-payload.js';
import { frameType } from './clauses/frame-type.js';
import { header } from './clauses/header.js';
import { hpackField } from './clauses/hpack-field.js';
import { indexedField, tableSize } from './clauses/hpack-instruction.js';
import { inject } from './clauses/inject.js';
import { location } from './clauses/location.js';
import { nestedSequence } from './clauses/nested-sequence.js';
import { overwrite } from './clauses/overwrite.js';
import { padding } from './clauses/padding.js';
import { pause } from './clauses/pause.js';
import { exclusive, weight } from './clauses/priority.js';
import { rate } from './clauses/rate.js';
import { raw } from './clauses/raw.js';
import { reservedBit } from './clauses/reserved-bit.js';
import { setting } from './clauses/setting.js';
import { payloadStreams, streamId } from './clauses/stream.js';
import { times } from './clauses/times.js';
import { trailer } from './clauses/trailer.js';
import { userAgent, userAgentShortcut } from './clauses/user-agent.js';
import { windowIncrement } from './clauses/window-increment.js';

// The clauses that the ancestor did not have stand last, so that whatever it accepted reads as it did.
export const http2ResponseClauses: readonly ClauseType[] = [
  header,
  body,
  contentType,
  location,
  raw,
  times,
  trailer,
  contentCoding,
];

export const http2RequestClauses: readonly ClauseType[] = [
  header,
  contentType,
  userAgentShortcut,
  userAgent,
  raw,
  nestedSequence,
  body,
  times,
  trailer,
  contentCoding,
];

/** The clauses of a raw frame; its words before the letters that they begin with. */
export const rawFrameClauses: readonly ClauseType[] = [
  frameType,
  ...frameFlagClauses,
  flagsByte,
  streamId,
  frameLength,
  reservedBit,
  hpackField,
  indexedField,
  tableSize,
  fragments,
  padding,
  errorCode,
  windowIncrement,
  setting,
  ...payloadStreams,
  weight,
  exclusive,
  frameData,
  wholePayload,
  times,
  pause,
  disconnect,
  inject,
  rate,
  overwrite,
  erase,
  flip,
];
