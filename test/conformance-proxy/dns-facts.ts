import type { DnsMessage, DnsQuestion, DnsRecord } from '../../src/proxy/flow/dns-message.js';
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

/** A message as it goes over the wire, without compression (RFC 1035, section 4.1). */
export function packDns(message: DnsMessage): string {
  const flags =
    (message.query ? 0 : 0x8000) |
    (message.opCode << 11) |
    (message.authoritativeAnswer ? 0x400 : 0) |
    (message.truncation ? 0x200 : 0) |
    (message.recursionDesired ? 0x100 : 0) |
    (message.recursionAvailable ? 0x80 : 0) |
    (message.reserved << 4) |
    message.responseCode;
  const { id, questions, answers, authorities, additionals } = message;
  const counts = [questions, answers, authorities, additionals].map((list) => list.length);
  const records = [...answers, ...authorities, ...additionals].map((of) =>
    Buffer.concat([packQuestion(of), numbers(4, of.ttl), numbers(2, of.data.length), of.data]),
  );
  return Buffer.concat([numbers(2, id, flags, ...counts), ...questions.map(packQuestion), ...records]).toString('hex');
}

function packQuestion({ name, type, class: kind }: DnsQuestion): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const packed = labels.flatMap((label) => [numbers(1, label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...packed, numbers(1, 0), numbers(2, type, kind)]);
}

function numbers(width: number, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, i) => bytes.writeUIntBE(value, i * width, width));
  return bytes;
}
