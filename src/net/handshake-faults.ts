/** TLS handshakes that go wrong on purpose. What is wrong with certificates stands in certificate-faults.ts. */
import type { Duplex } from 'node:stream';
import type { Random } from '../language/random.js';
import type { Clock } from './clock.js';
import { hangUp } from './hang-up.js';
import { onAbort } from './on-abort.js';
import { reset } from './reset.js';
import { tlsVersions } from './tls-version.js';
import type { TlsVersions } from './tls-version.js';

/** What a fault may use. */
export interface FaultTools {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: Random;
}

/** One way. */
export interface HandshakeFault {
  /** What the server does, for lists. */
  readonly help: string;
  /** Answers a ClientHello in the place of a handshake. Resolves when there is nothing more to do. */
  readonly instead?: (duplex: Duplex, tools: FaultTools) => Promise<void>;
  /** The versions that are spoken, whatever the options say. */
  readonly versions?: TlsVersions;
  /** Bytes of our side of the handshake that are sent before its end. */
  readonly cutAfter?: number;
}

/** Every way in which a handshake can be made wrong, by the name that options use. */
export const handshakeFaults: Readonly<Record<string, HandshakeFault>> = {
  alert: { help: 'the alert handshake_failure in place of a ServerHello', instead: alert(40) },
  'alert-internal-error': { help: 'the alert internal_error in place of a ServerHello', instead: alert(80) },
  'alert-protocol-version': { help: 'the alert protocol_version in place of a ServerHello', instead: alert(70) },
  'alert-unrecognized-name': { help: 'the alert unrecognized_name in place of a ServerHello', instead: alert(112) },
  'alert-close-notify': { help: 'the alert close_notify in place of a ServerHello', instead: alert(0) },
  close: { help: 'the end of the connection in place of a ServerHello', instead: close },
  reset: {
    help: 'a TCP reset in place of a ServerHello',
    instead: (duplex) => {
      reset(duplex);
      return Promise.resolve();
    },
  },
  stall: { help: 'nothing in place of a ServerHello, until the client leaves', instead: stall },
  garbage: {
    help: 'random bytes in place of a ServerHello',
    instead: (duplex, tools) => {
      const bytes = tools.random.bytes(512);
      // No type of a record begins so.
      bytes[0] = 0xff;
      return say(bytes, duplex, tools);
    },
  },
  'plain-http': {
    help: 'an answer in plain HTTP in place of a ServerHello',
    instead: (duplex, tools) => say(Buffer.from(plainAnswer, 'latin1'), duplex, tools),
  },
  truncated: { help: 'the first 60 bytes of the handshake, then the end of the connection', cutAfter: 60 },
  'tls1.0-only': { help: 'TLS 1.0 and no other version', versions: tlsVersions.TLSv1 },
  'tls1.1-only': { help: 'TLS 1.1 and no other version', versions: tlsVersions.TLSv1_1 },
  'tls1.2-only': { help: 'TLS 1.2 and no other version', versions: tlsVersions.TLSv1_2 },
  'tls1.3-only': { help: 'TLS 1.3 and no other version', versions: tlsVersions.TLSv1_3 },
};

const plainAnswer =
  'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n';

/** A fatal alert (RFC 8446, section 6); close_notify is a warning. */
function alert(description: number): (duplex: Duplex, tools: FaultTools) => Promise<void> {
  const level = description === 0 ? 1 : 2;
  return (duplex, tools) => say(Buffer.from([21, 3, 3, 0, 2, level, description]), duplex, tools);
}

function say(bytes: Buffer, duplex: Duplex, tools: FaultTools): Promise<void> {
  duplex.write(bytes);
  return close(duplex, tools);
}

function close(duplex: Duplex, { clock, signal }: FaultTools): Promise<void> {
  return hangUp(duplex, clock, signal);
}

/** Reads on and says nothing, until the client ends its side or the signal aborts. */
function stall(duplex: Duplex, { signal }: FaultTools): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      forget();
      duplex.off('end', over).off('close', over);
      resolve();
    };
    const forget = onAbort(signal, () => {
      duplex.destroy();
    });
    if (duplex.closed) over();
    else duplex.on('end', over).on('close', over).resume();
  });
}
