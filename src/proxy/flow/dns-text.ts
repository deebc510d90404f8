/** Names of the codes in DNS messages, and the data of records as text. */
import type { DnsMessage, DnsRecord } from './dns-message.js';

/** Names by code; the numbers are those of the IANA registry. */
const types: Readonly<Record<number, string>> = {
  ...{ 1: 'A', 2: 'NS', 3: 'MD', 4: 'MF', 5: 'CNAME', 6: 'SOA', 7: 'MB', 8: 'MG', 9: 'MR', 10: 'NULL', 11: 'WKS' },
  ...{ 12: 'PTR', 13: 'HINFO', 14: 'MINFO', 15: 'MX', 16: 'TXT', 17: 'RP', 18: 'AFSDB', 19: 'X25', 20: 'ISDN' },
  ...{ 21: 'RT', 22: 'NSAP', 23: 'NSAP_PTR', 24: 'SIG', 25: 'KEY', 26: 'PX', 27: 'GPOS', 28: 'AAAA', 29: 'LOC' },
  ...{ 30: 'NXT', 31: 'EID', 32: 'NIMLOC', 33: 'SRV', 34: 'ATMA', 35: 'NAPTR', 36: 'KX', 37: 'CERT', 38: 'A6' },
  ...{ 39: 'DNAME', 40: 'SINK', 41: 'OPT', 42: 'APL', 43: 'DS', 44: 'SSHFP', 45: 'IPSECKEY', 46: 'RRSIG' },
  ...{ 47: 'NSEC', 48: 'DNSKEY', 49: 'DHCID', 50: 'NSEC3', 51: 'NSEC3PARAM', 52: 'TLSA', 53: 'SMIMEA', 55: 'HIP' },
  ...{ 56: 'NINFO', 57: 'RKEY', 58: 'TALINK', 59: 'CDS', 60: 'CDNSKEY', 61: 'OPENPGPKEY', 62: 'CSYNC' },
  ...{ 63: 'ZONEMD', 64: 'SVCB', 65: 'HTTPS', 99: 'SPF', 108: 'EUI48', 109: 'EUI64', 249: 'TKEY', 250: 'TSIG' },
  ...{ 251: 'IXFR', 252: 'AXFR', 253: 'MAILB', 254: 'MAILA', 255: 'ANY', 256: 'URI', 257: 'CAA', 258: 'AVC' },
  ...{ 259: 'DOA', 260: 'AMTRELAY', 32768: 'TA', 32769: 'DLV' },
};
const classes: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };
const opCodes: Readonly<Record<number, string>> = {
  ...{ 0: 'QUERY', 1: 'IQUERY', 2: 'STATUS', 4: 'NOTIFY', 5: 'UPDATE', 6: 'DSO' },
};
const responseCodes: Readonly<Record<number, string>> = {
  ...{ 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN' },
  ...{ 7: 'YXRRSET', 8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE', 11: 'DSOTYPENI', 16: 'BADSIG', 17: 'BADKEY' },
  ...{ 18: 'BADTIME', 19: 'BADMODE', 20: 'BADNAME', 21: 'BADALG', 22: 'BADTRUNC', 23: 'BADCOOKIE' },
};

/** `AAAA`, or `TYPE(12345)`. */
export function dnsType(code: number): string {
  return types[code] ?? `TYPE(${String(code)})`;
}

/** `IN`, or `CLASS(12345)`. */
export function dnsClass(code: number): string {
  return classes[code] ?? `CLASS(${String(code)})`;
}

/** `QUERY`, or `OPCODE(15)`. */
export function dnsOpCode(code: number): string {
  return opCodes[code] ?? `OPCODE(${String(code)})`;
}

/** `NXDOMAIN`, or `RCODE(15)`. */
export function dnsResponseCode(code: number): string {
  return responseCodes[code] ?? `RCODE(${String(code)})`;
}

/** The data of a record: an address, a name or text where its type says so, else hexadecimal digits. */
export function dnsData({ type, data }: DnsRecord): string {
  const hex = `0x${data.toString('hex')}`;
  const name = dnsType(type);
  const reader = readers[name];
  if (reader === undefined) return hex;
  return reader(data) ?? `${hex} (invalid ${name} data)`;
}

/** The text that filters look at: the names that are asked for and the data of the answers, a line each. */
export function dnsText({ questions, answers }: DnsMessage): string {
  return [...questions.map(({ name }) => name), ...answers.map(dnsData)].join('\r\n');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const readers: Readonly<Record<string, (data: Buffer) => string | undefined>> = {
  A: (data) => (data.length === 4 ? data.join('.') : undefined),
  AAAA: (data) => (data.length === 16 ? address(data) : undefined),
  NS: domainName,
  CNAME: domainName,
  PTR: domainName,
  TXT: (data) => {
    try {
      return utf8.decode(data);
    } catch {
      return undefined;
    }
  },
};

/** An IPv6 address in the form of RFC 5952. */
function address(data: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => data.readUInt16BE(2 * i).toString(16));
  const runs = [...groups.join(':').matchAll(/(?<=^|:)0(?::0)+(?=$|:)/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups.join(':');
  const [before = '', ...after] = splitOnce(`:${groups.join(':')}:`, `:${longest}:`);
  return `${before.slice(1)}::${after.join('').slice(0, -1)}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

/** A name without pointers (RFC 1035, section 3.1). */
function domainName(data: Buffer): string | undefined {
  const labels: string[] = [];
  for (let at = 0; at < data.length;) {
    const length = data[at] ?? 0;
    if (length === 0) return at + 1 === data.length ? labels.join('.') : undefined;
    if (length > 63 || at + 1 + length > data.length) return undefined;
    labels.push(data.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return undefined;
}
