/** The specification language: text to messages to bytes. Pure: no sockets, no clock, no files of its own. */
export { FileAccessDenied, RenderError, SpecError } from '../errors.js';
export type { Clause } from './clause.js';
export { CompiledMessage } from './compiled.js';
export type { Sending } from './compiled.js';
export { datatypes } from './datatypes.js';
export type { Datatype } from './datatypes.js';
export { faults } from './faults.js';
export type { Fault } from './faults.js';
export type { Files } from './files.js';
export { RequestMessage, ResponseMessage } from './http.js';
export { Http2RequestMessage, Http2ResponseMessage } from './http2.js';
export type { Http2Field, Http2Message } from './http2.js';
export { Http2FrameMessage } from './http2-frame.js';
export { Http2Sequence } from './http2-sequence.js';
export type { Http2Run } from './http2-sequence.js';
export { Message } from './message.js';
export type { MessageKind } from './message.js';
export {
  parseFrames,
  parseHttp2Requests,
  parseHttp2RequestSequence,
  parseHttp2Response,
  parseHttp2ResponseSequence,
  parseRequests,
  parseResponse,
} from './parse.js';
export type { ParseOptions } from './parse.js';
export { maximumLength, steps } from './plan.js';
export type { Action, Disconnection, LazySegment, Plan, Segment, Step } from './plan.js';
export { Random } from './random.js';
export type { Seed } from './random.js';
export { render } from './render.js';
export type { Settings } from './settings.js';
export { StreamIds } from './stream-ids.js';
export { userAgents } from './user-agents.js';
export type { UserAgent } from './user-agents.js';
export { FrameMessage } from './websocket.js';
