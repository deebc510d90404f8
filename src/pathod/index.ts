/** pathod: a daemon that serves whatever response it is told to, and the fixture that tests use. */
export type { Anchor } from './anchors.js';
export { Daemon } from './daemon.js';
export type { AddedAnchor, DaemonPorts } from './daemon.js';
export type { RemoteAddress } from './exchange-entry.js';
export type {
  CraftedRecord,
  ErrorNote,
  ErrorRecord,
  FrameReceived,
  FrameSentRecord,
  InboundRecord,
  LogRecord,
  ReflectedRecord,
  RequestRecord,
  ResponseRecord,
  TimeoutRecord,
} from './log-record.js';
export type { DaemonOptions } from './options.js';
export type { TlsAnchor } from './tls-options.js';
export type { CertificateFacts, TlsFacts } from '../net/tls-facts.js';
