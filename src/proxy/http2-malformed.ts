/** What makes a message of HTTP/2 malformed (RFC 9113, sections 8.1.1, 8.2 and 8.3), in words; undefined when nothing does. */
import { bytesRepr } from '../wire/bytes-repr.js';
import type { HeaderField } from '../wire/header-field.js';

/** Fields that speak of a connection of HTTP/1 and have no place here (RFC 9113, section 8.2.2). */
export const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

type Fields = readonly HeaderField[];

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const inRequests: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path']);
const inResponses: ReadonlySet<string> = new Set([':status']);
const inTrailers: ReadonlySet<string> = new Set();

/** What is wrong with the header fields of a request. */
export function requestFault(fields: Fields): string | undefined {
  const found = new Map<string, string>();
  return fieldsFault(fields, inRequests, found) ?? targetFault(found) ?? hostFault(fields, found);
}

/** What is wrong with the header fields of a response. */
export function responseFault(fields: Fields): string | undefined {
  const found = new Map<string, string>();
  const fault = fieldsFault(fields, inResponses, found);
  if (fault !== undefined) return fault;
  const status = found.get(':status');
  if (status === undefined) return 'there is no :status';
  if (!/^[1-9]\d\d$/.test(status)) return `:status is ${shown(status)}`;
  // Section 8.6.
  return status === '101' ? ':status is 101, which HTTP/2 does not have' : undefined;
}

/** What is wrong with the fields of a trailer section. */
export function trailersFault(fields: Fields): string | undefined {
  return fieldsFault(fields, inTrailers, new Map());
}

/** What would make a message malformed that is to be sent with this field. Letters in upper case are no fault here. */
export function sentFieldFault(name: string, value: string): string | undefined {
  if (!token.test(name)) return `${shown(name)} is no name of a field`;
  return sentValueFault(name, value) ?? lengthFault(name, value);
}

/** As {@link sentFieldFault}, for a field whose name is right. */
export function sentValueFault(name: string, value: string): string | undefined {
  return /[\0\r\n]/.test(value) ? `the value of ${name} is ${shown(value)}` : undefined;
}

/** What would make a response malformed that is to be sent with this status. */
export function sentStatusFault(status: number): string | undefined {
  if (status === 101) return 'it has no status 101';
  return status >= 100 && status <= 999 ? undefined : `${String(status)} is no status`;
}

/** @param found gets the pseudo-header fields */
function fieldsFault(fields: Fields, pseudo: ReadonlySet<string>, found: Map<string, string>): string | undefined {
  let behind = false;
  let length: string | undefined;
  for (const field of fields) {
    const { name, value } = field;
    if (name.charCodeAt(0) === 0x3a) {
      if (!pseudo.has(name)) return `the pseudo-header field ${shown(name)} does not belong here`;
      if (behind) return `${name} stands behind other fields`;
      if (found.has(name)) return `${name} stands there twice`;
      found.set(name, value);
    } else {
      behind = true;
      const fault = fieldFault(field);
      if (fault !== undefined) return fault;
      if (name === 'content-length') {
        if (length !== undefined && length !== value) return 'content-length stands there twice';
        length = value;
      }
    }
    if (/[\0\r\n]|^[ \t]|[ \t]$/.test(value)) return `the value of ${name} is ${shown(value)}`;
  }
  return undefined;
}

function fieldFault({ name, value }: HeaderField): string | undefined {
  if (!token.test(name) || /[A-Z]/.test(name)) return `${shown(name)} is no name of a field`;
  if (connectionFields.has(name)) return `the field ${name} is one of HTTP/1`;
  if (name === 'te' && value.toLowerCase() !== 'trailers') return `the field te is ${shown(value)}`;
  return lengthFault(name, value);
}

function lengthFault(name: string, value: string): string | undefined {
  return name === 'content-length' && !/^\d{1,15}$/.test(value) ? `content-length is ${shown(value)}` : undefined;
}

/** Section 8.3.1; for CONNECT, section 8.5. */
function targetFault(found: ReadonlyMap<string, string>): string | undefined {
  const method = found.get(':method');
  const path = found.get(':path');
  const authority = found.get(':authority');
  if (method === undefined) return 'there is no :method';
  if (!token.test(method)) return `:method is ${shown(method)}`;
  if (authority !== undefined && /[\0- @/\x7f]/.test(authority)) return `:authority is ${shown(authority)}`;
  if (method === 'CONNECT') return connectFault(found);
  const scheme = found.get(':scheme');
  if (scheme === undefined) return 'there is no :scheme';
  if (!/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return `:scheme is ${shown(scheme)}`;
  if (path === undefined) return 'there is no :path';
  const isPath = path.startsWith('/') || (path === '*' && method === 'OPTIONS');
  return isPath && !/[\0- \x7f]/.test(path) ? undefined : `:path is ${shown(path)}`;
}

function connectFault(found: ReadonlyMap<string, string>): string | undefined {
  if (found.has(':scheme') || found.has(':path')) return 'CONNECT has a :scheme or a :path';
  return (found.get(':authority') ?? '') === '' ? 'CONNECT has no :authority' : undefined;
}

function hostFault(fields: Fields, found: ReadonlyMap<string, string>): string | undefined {
  const hosts = fields.filter(({ name }) => name === 'host').map(({ value }) => value);
  const [host] = hosts;
  if (hosts.length > 1) return 'host stands there twice';
  const authority = found.get(':authority');
  if (host === undefined || authority === undefined || host.toLowerCase() === authority.toLowerCase()) return undefined;
  return `:authority is ${shown(authority)}, and host is ${shown(host)}`;
}

function shown(text: string): string {
  return bytesRepr(Buffer.from(text, 'latin1'));
}
