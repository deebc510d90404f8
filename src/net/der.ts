/** The pieces of DER (X.690) that certificates are made of. node-forge writes them; Buffers come out. */
import forge from 'node-forge';

const { asn1 } = forge;
const { Class, Type } = asn1;

/** Its types leave these options out. A BIT STRING stays bytes, so that it is written again as it was. */
const fromDer = asn1.fromDer as unknown as (
  bytes: string,
  options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean },
) => Der;

/** A value of ASN.1: a tag, and bytes or further values. */
export type Der = forge.asn1.Asn1;

/** A SEQUENCE of these, in order. */
export function sequence(...parts: Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
}

/** A SET of these, in the order of their encodings (X.690, 11.6). */
export function setOf(...parts: Der[]): Der {
  const sorted = parts.length < 2 ? parts : parts.toSorted((a, b) => Buffer.compare(encode(a), encode(b)));
  return asn1.create(Class.UNIVERSAL, Type.SET, true, sorted);
}

/** An OBJECT IDENTIFIER, from its dotted form. */
export function objectIdentifier(dotted: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** An INTEGER: a small number, or the bytes of a positive one, whose first bit must be clear. */
export function integer(value: number | Uint8Array): Der {
  const bytes = typeof value === 'number' ? asn1.integerToDer(value).getBytes() : binary(value);
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, bytes);
}

/** An ENUMERATED value below 128. */
export function enumerated(value: number): Der {
  return asn1.create(Class.UNIVERSAL, Type.ENUMERATED, false, String.fromCharCode(value));
}

/** TRUE. FALSE is never written: DER leaves default values out. */
export function booleanTrue(): Der {
  return asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, '\xff');
}

/** NULL. */
export function nothing(): Der {
  return asn1.create(Class.UNIVERSAL, Type.NULL, false, '');
}

/** An OCTET STRING of bytes, or of what a value encodes to. */
export function octets(content: Uint8Array | Der): Der {
  return asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, binary(bytesOf(content)));
}

/** A BIT STRING of whole bytes, or with `unused` bits at its end that do not count. */
export function bits(content: Uint8Array, unused = 0): Der {
  return asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, String.fromCharCode(unused) + binary(content));
}

/** A UTF8String. */
export function utf8(text: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.UTF8, false, binary(Buffer.from(text, 'utf8')));
}

/** A BMPString: two bytes a character. */
export function bmp(text: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.BMPSTRING, false, text);
}

/** A moment, in whole seconds: UTCTime until 2049 and GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(moment: Date): Der {
  return moment.getUTCFullYear() < 2050
    ? asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, asn1.dateToUtcTime(moment))
    : generalizedTime(moment);
}

/** A GeneralizedTime, in whole seconds. */
export function generalizedTime(moment: Date): Der {
  return asn1.create(Class.UNIVERSAL, Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(moment));
}

/** Bytes or values under a context-specific tag: `[0]`, `[1]`, ... */
export function tagged(tag: number, content: Uint8Array | readonly Der[]): Der {
  return content instanceof Uint8Array
    ? asn1.create(Class.CONTEXT_SPECIFIC, tag, false, binary(content))
    : asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...content]);
}

/** The bytes of a value, tag and length included. */
export function encode(value: Der): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
}

/**
 * The value that bytes hold.
 * @throws {Error} when they are not DER
 */
export function decode(bytes: Uint8Array): Der {
  return fromDer(binary(bytes), { strict: true, parseAllBytes: true, decodeBitStrings: false });
}

/** The parts of a constructed value; none of a primitive one. */
export function partsOf(value: Der | undefined): readonly Der[] {
  return Array.isArray(value?.value) ? value.value : [];
}

/** The content of a primitive value; empty for a constructed one. */
export function contentOf(value: Der | undefined): Buffer {
  return typeof value?.value === 'string' ? Buffer.from(value.value, 'latin1') : Buffer.alloc(0);
}

/** The dotted form of an OBJECT IDENTIFIER; empty for anything else. */
export function readOid(value: Der | undefined): string {
  const isOid = value?.type === Type.OID && typeof value.value === 'string';
  return isOid ? asn1.derToOid(forge.util.createBuffer(contentOf(value).toString('latin1'))) : '';
}

/** A PEM block with lines of 64 characters (RFC 7468), with a line feed at its end. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** node-forge keeps bytes as text, a character a byte. */
function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function bytesOf(content: Uint8Array | Der): Uint8Array {
  return content instanceof Uint8Array ? content : encode(content);
}
