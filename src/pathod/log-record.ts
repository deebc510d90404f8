/** What the log tells, as plain data. Times are in milliseconds; `started` counts from 1970. */

import type { CertificateFacts, TlsFacts } from '../net/tls-facts.js';

interface Timed {
  readonly started: number;
  readonly duration: number;
}

interface Numbered {
  /** Counts from 0 as records are made, and goes on when the log is cleared. */
  readonly id: number;
}

/** A request as received. */
export interface RequestRecord {
  readonly method: string;
  /** As sent, undecoded, without scheme and host. */
  readonly path: string;
  /** Names and values in order, as ISO 8859-1 text. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The same as bytes. */
  readonly rawHeaders: readonly (readonly [name: Buffer, value: Buffer])[];
  readonly httpVersion: string;
  readonly firstLineFormat: 'relative' | 'absolute' | 'authority';
  readonly remoteAddress: readonly [address: string, port: number];
  /** The name that the client asked for by TLS. */
  readonly sni: string | null;
  /** The protocol that TLS agreed on (RFC 7301): `h2`. */
  readonly alpn: string | null;
  /** The certificate that the client showed; it is asked for one with the option `requestClientCertificate`. */
  readonly clientCertificate: CertificateFacts | null;
}

/** A response as sent. */
export interface ResponseRecord extends Timed {
  readonly type: 'response';
  /** As written: `0200`. */
  readonly statusCode: string;
  /** Null when chance or a file made it. */
  readonly reason: string | null;
  readonly version: 'HTTP/1.1' | 'HTTP/2.0';
  /** The first 1024 bytes, escaped; null when there is no body. */
  readonly body: string | null;
  /** The spec with defaults added and offsets fixed. */
  readonly spec: string;
  /** Whether a `d` closed the connection, or a failure in the middle of the message. */
  readonly disconnect: boolean;
}

/** A frame as sent, in place of a response or because a client asked for it. */
export interface FrameSentRecord extends Timed {
  readonly type: 'frame';
  /** The first 1024 bytes of the payload, escaped. */
  readonly body: string;
  readonly spec: string;
  readonly disconnect: boolean;
}

/** Something went wrong, and what. */
export interface ErrorNote {
  readonly type: 'error';
  readonly msg: string;
}

/** A request and what answered it. */
export interface CraftedRecord extends Numbered {
  readonly type: 'crafted';
  readonly protocol: 'http';
  /** Name, bits and version of TLS, when the connection is encrypted. */
  readonly cipher: TlsFacts['cipher'];
  readonly request: RequestRecord;
  /** An {@link ErrorNote} when a policy forbade to serve what was asked for. */
  readonly response: ResponseRecord | FrameSentRecord | ErrorNote;
  /** The bytes received, with the option `logRequests`; at most 64 KiB of them. */
  readonly requestBytes?: Buffer;
  /** The bytes sent, with the option `logResponses`; at most 64 KiB of them. */
  readonly responseBytes?: Buffer;
}

/** A WebSocket frame as received. */
export interface FrameReceived {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly rsv2: boolean;
  readonly rsv3: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  readonly maskingKey: Buffer | null;
  readonly payloadLength: number;
  /** The first 1024 bytes, unmasked and escaped. */
  readonly payload: string;
}

/** A frame from a client. */
export interface InboundRecord extends Numbered, Timed {
  readonly type: 'inbound';
  readonly protocol: 'websockets';
  readonly cipher: CraftedRecord['cipher'];
  readonly frame: FrameReceived;
  readonly requestBytes?: Buffer;
}

/** A frame that a client asked for with a frame of its own. */
export interface ReflectedRecord extends Numbered, Omit<FrameSentRecord, 'type'> {
  readonly type: 'reflected';
  readonly protocol: 'websockets';
  readonly responseBytes?: Buffer;
}

/** What was received could not be read, or the peer left in the middle. */
export interface ErrorRecord extends Numbered, ErrorNote {}

/** Nothing was received for longer than the option `timeout` allows. */
export interface TimeoutRecord extends Numbered {
  readonly type: 'timeout';
}

/** An HTTP/2 frame, with the option `http2Framedump`. */
export interface Http2FrameRecord extends Numbered {
  readonly type: 'http2-frame';
  readonly direction: 'received' | 'sent';
  /** Type, flags, stream, length and what is short enough to be told: `ping:ack stream=0 8b 0000000000000000`. */
  readonly frame: string;
}

/** One record of the log. */
export type LogRecord =
  CraftedRecord | InboundRecord | ReflectedRecord | ErrorRecord | TimeoutRecord | Http2FrameRecord;
