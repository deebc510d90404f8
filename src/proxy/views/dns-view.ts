import type { DnsMessage, DnsRecord } from '../flow/dns-message.js';
import { dnsClass, dnsData, dnsOpCode, dnsResponseCode, dnsType } from '../flow/dns-text.js';
import { readDnsMessage } from './dns-reader.js';
import { pairLines } from './printed-lines.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

/** DNS over HTTPS (RFC 8484): the message in its parts. */
export const dnsView: View = {
  name: 'dns',
  priority: (content, context) => (content.length > 0 && mediaType(context) === 'application/dns-message' ? 1 : 0),
  render: (content) => {
    const message = readDnsMessage(content);
    return { description: `DNS ${message.query ? 'query' : 'response'}`, lines: pairLines(facts(message)) };
  },
};

function facts(message: DnsMessage): (readonly [name: string, value: string])[] {
  const flags = [
    message.authoritativeAnswer && 'authoritative answer',
    message.truncation && 'truncated',
    message.recursionDesired && 'recursion desired',
    message.recursionAvailable && 'recursion available',
  ];
  return [
    ['Id', String(message.id)],
    ['Operation', dnsOpCode(message.opCode)],
    ['Response code', dnsResponseCode(message.responseCode)],
    ['Flags', flags.filter((flag) => flag !== false).join(', ')],
    ...message.questions.map(
      (question) => ['Question', [question.name, dnsType(question.type), dnsClass(question.class)].join(' ')] as const,
    ),
    ...message.answers.map((record) => ['Answer', recordText(record)] as const),
    ...message.authorities.map((record) => ['Authority', recordText(record)] as const),
    ...message.additionals.map((record) => ['Additional', recordText(record)] as const),
  ];
}

function recordText(record: DnsRecord): string {
  const { name, ttl, type } = record;
  return [name, `${String(ttl)}s`, dnsType(type), dnsData(record)].join(' ');
}
