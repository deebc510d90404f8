import type { DnsMessage, DnsQuestion, DnsRecord } from '../../src/proxy/flow/dns-message.js';
import { decodeDns, encodeDns } from '../../src/proxy/flow/dns-wire.js';
import { dnsClass, dnsData, dnsOpCode, dnsResponseCode, dnsType } from '../../src/proxy/flow/dns-text.js';

/** HTTP's codes for those of DNS, as the corpus has them. */
const statusCodes: Readonly<Record<string, number>> = {
  ...{ NOERROR: 200, FORMERR: 400, SERVFAIL: 500, NXDOMAIN: 404, NOTIMP: 501, REFUSED: 403, YXDOMAIN: 409 },
  ...{ YXRRSET: 409, NXRRSET: 410, NOTAUTH: 401, NOTZONE: 404, DSOTYPENI: 501 },
};

/** What a corpus says about a DNS message. */
export function dnsFacts(message: DnsMessage): unknown {
  const { id, query, authoritativeAnswer, truncation, recursionDesired, recursionAvailable, timestamp } = message;
  const code = dnsResponseCode(message.responseCode);
  return {
    ...{ id, query, truncation, timestamp },
    op_code: dnsOpCode(message.opCode),
    authoritative_answer: authoritativeAnswer,
    recursion_desired: recursionDesired,
    recursion_available: recursionAvailable,
    response_code: code,
    status_code: statusCodes[code],
    questions: message.questions.map(question),
    answers: message.answers.map(record),
    authorities: message.authorities.map(record),
    additionals: message.additionals.map(record),
    size: [...message.answers, ...message.authorities, ...message.additionals].reduce(
      (sum, r) => sum + r.data.length,
      0,
    ),
  };
}

function question({ name, type, class: kind }: DnsQuestion): object {
  return { name, type: dnsType(type), class: dnsClass(kind) };
}

function record(of: DnsRecord): object {
  return { ...question(of), ttl: of.ttl, data: dnsData(of) };
}

/** Vectors of DNS messages. */
export const dnsSubjects = {
  dns_message: (hex: string) => {
    const message = decodeDns(Buffer.from(hex, 'hex'), 0);
    return {
      json: dnsFacts(message),
      str_answers: message.answers.map(dnsData),
      repacked: encodeDns(message).toString('hex'),
    };
  },
};
