/**
 * The first message of a TLS handshake, which is sent in the clear (RFC 8446, section 4.1.2):
 *
 *     record                     22, version, length
 *       handshake                1, length of 3 bytes; may go on in further records
 *         version, random, session id, cipher suites, compression methods, extensions
 */
import { ProtocolError } from '../errors.js';

/** What a client offers. Numbers are those of IANA's registries. */
export interface ClientHello {
  /** The name in the extension server_name, as sent (RFC 6066, section 3). */
  readonly serverName: string | undefined;
  /** Protocols by preference (RFC 7301): `h2`, `http/1.1`. */
  readonly alpn: readonly string[];
  /** Versions of TLS: 0x0304 is TLS 1.3. Of a client without supported_versions, the newest that it speaks. */
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  /** Signatures that it takes: 0x0403 is ECDSA on P-256 with SHA-256. None of a client without signature_algorithms. */
  readonly signatureSchemes: readonly number[];
  /** Types of the extensions in the order sent. */
  readonly extensions: readonly number[];
}

/** Bytes that a ClientHello may have. Real ones have a few hundred, or two thousand with post-quantum keys. */
const longestClientHello = 32 * 1024;
/** Bytes that may have been received without a ClientHello being among them: records may be short. */
export const longestClientHelloRecords = 2 * longestClientHello;
/** What a record may hold (RFC 8446, section 5.1). */
const longestFragment = 2 ** 14;

/**
 * Reads the ClientHello that begins a connection.
 * @param bytes all that was received so far
 * @returns undefined when the end of it is still to come
 * @throws {ProtocolError} when it is none, or too long
 */
export function readClientHello(bytes: Buffer): ClientHello | undefined {
  const handshake = gather(bytes);
  if (handshake === undefined) return undefined;
  const fields = new Fields(handshake);
  const legacyVersion = fields.number(2);
  fields.take(32);
  fields.vector(1);
  const cipherSuites = numbers(fields.vector(2));
  fields.vector(1);
  // Clients of TLS 1.0 may do without extensions.
  const extensions = fields.isEmpty ? new Map<number, Fields>() : readExtensions(fields.vector(2));
  const versions = extensions.get(supportedVersions);
  return {
    serverName: readServerName(extensions.get(serverName)),
    alpn: readProtocols(extensions.get(applicationProtocols)),
    versions: versions === undefined ? [legacyVersion] : numbers(versions.vector(1)),
    cipherSuites,
    signatureSchemes: numbers(extensions.get(signatureAlgorithms)?.vector(2)),
    extensions: [...extensions.keys()],
  };
}

const serverName = 0;
const signatureAlgorithms = 13;
const applicationProtocols = 16;
const supportedVersions = 43;

/** The handshake message, without its header, out of the records that it came in; undefined when a part is missing. */
function gather(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let gathered = 0;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] !== 22 || (bytes[at + 1] ?? 3) !== 3) throw broken('it is no record of a handshake');
    if (bytes.length < at + 5) return undefined;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > longestFragment) throw broken(`a record of ${String(length)} bytes`);
    const part = bytes.subarray(at + 5, at + 5 + length);
    parts.push(part);
    gathered += part.length;
    const message = gathered >= 4 ? whole(parts) : undefined;
    if (message !== undefined) return message;
    at += 5 + length;
  }
  if (bytes.length > longestClientHelloRecords) throw tooLong();
  return undefined;
}

function whole(parts: Buffer[]): Buffer | undefined {
  const [first, ...more] = parts;
  const message = first !== undefined && more.length === 0 ? first : Buffer.concat(parts);
  parts.splice(0, parts.length, message);
  if (message[0] !== 1) throw broken('another handshake message stands in its place');
  const length = message.readUIntBE(1, 3);
  if (length > longestClientHello) throw tooLong();
  return message.length < 4 + length ? undefined : message.subarray(4, 4 + length);
}

function readExtensions(fields: Fields): Map<number, Fields> {
  const extensions = new Map<number, Fields>();
  while (!fields.isEmpty) {
    const type = fields.number(2);
    extensions.set(type, fields.vector(2));
  }
  return extensions;
}

function readServerName(fields: Fields | undefined): string | undefined {
  if (fields === undefined) return undefined;
  const names = fields.vector(2);
  while (!names.isEmpty) {
    const isHostName = names.number(1) === 0;
    const name = names.vector(2).rest.toString('latin1');
    if (isHostName) return name;
  }
  return undefined;
}

function readProtocols(fields: Fields | undefined): string[] {
  const protocols: string[] = [];
  if (fields === undefined) return protocols;
  const names = fields.vector(2);
  while (!names.isEmpty) protocols.push(names.vector(1).rest.toString('latin1'));
  return protocols;
}

function numbers(fields: Fields | undefined): number[] {
  const all: number[] = [];
  while (fields?.isEmpty === false) all.push(fields.number(2));
  return all;
}

/** Takes fields off the front of some bytes. */
class Fields {
  constructor(public rest: Buffer) {}

  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  take(length: number): Buffer {
    if (length > this.rest.length) throw broken('a field is longer than what holds it');
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }

  number(size: 1 | 2): number {
    return this.take(size).readUIntBE(0, size);
  }

  /** Bytes behind their length. @param size bytes of the length */
  vector(size: 1 | 2): Fields {
    return new Fields(this.take(this.number(size)));
  }
}

function broken(what: string): ProtocolError {
  return new ProtocolError(`the ClientHello cannot be read: ${what}`);
}

function tooLong(): ProtocolError {
  return new ProtocolError(`the ClientHello is longer than ${String(longestClientHello)} bytes`);
}
