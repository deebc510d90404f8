import type { Entry, Har } from 'har-format';

/** Where an archive lacks what HTTP Archive 1.2 demands, or has what it does not allow. */
export function harViolations(archive: Har): readonly string[] {
  const { version, creator, entries } = archive.log;
  const found: string[] = [];
  if (version !== '1.2') found.push('log.version');
  if (![creator.name, creator.version].every((text) => typeof text === 'string')) found.push('log.creator');
  return [...found, ...entries.flatMap((entry, i) => entryViolations(entry).map((path) => `${String(i)}.${path}`))];
}

const text = (value: unknown): boolean => typeof value === 'string';
const number = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const duration = (value: unknown): boolean => number(value) && Number(value) >= 0;
/** -1 stands for what is not known. */
const perhaps = (value: unknown): boolean => duration(value) || value === -1;
const optional =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);
const time = (value: unknown): boolean =>
  text(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/.test(String(value));
const pairs = (value: unknown): boolean =>
  Array.isArray(value) && value.every(({ name, value: of }: Record<string, unknown>) => text(name) && text(of));
const cookies = (value: unknown): boolean =>
  pairs(value) &&
  (value as Record<string, unknown>[]).every(
    ({ expires, httpOnly, secure, path, domain }) =>
      optional(time)(expires) &&
      [path, domain].every(optional(text)) &&
      [httpOnly, secure].every((flag) => flag === undefined || typeof flag === 'boolean'),
  );

/** Every member that the format has, with what it may be. */
const demands: Readonly<Record<string, (value: unknown) => boolean>> = {
  startedDateTime: time,
  time: duration,
  cache: (value) => typeof value === 'object' && value !== null,
  serverIPAddress: optional(text),
  connection: optional(text),
  comment: optional(text),
  pageref: optional(text),
  'request.method': text,
  'request.url': (value) => text(value) && /^(https?|wss?):\/\//.test(String(value)) && URL.canParse(String(value)),
  'request.httpVersion': text,
  'request.cookies': cookies,
  'request.headers': pairs,
  'request.queryString': pairs,
  'request.headersSize': perhaps,
  'request.bodySize': perhaps,
  'request.postData.mimeType': optional(text),
  'request.postData.text': optional(text),
  'request.postData.params': optional(pairs),
  'response.status': duration,
  'response.statusText': text,
  'response.httpVersion': text,
  'response.cookies': cookies,
  'response.headers': pairs,
  'response.content.size': duration,
  'response.content.mimeType': text,
  'response.content.compression': optional(number),
  'response.content.text': optional(text),
  'response.content.encoding': optional(text),
  'response.redirectURL': text,
  'response.headersSize': perhaps,
  'response.bodySize': perhaps,
  'timings.blocked': optional(perhaps),
  'timings.dns': optional(perhaps),
  'timings.connect': optional(perhaps),
  'timings.ssl': optional(perhaps),
  'timings.send': duration,
  'timings.wait': duration,
  'timings.receive': duration,
};

function entryViolations(entry: Entry): readonly string[] {
  const wrong = Object.entries(demands).filter(([path, isAllowed]) => !isAllowed(memberAt(entry, path.split('.'))));
  const { blocked = -1, dns = -1, connect = -1, send, wait, receive } = entry.timings;
  const sum = [blocked, dns, connect, send, wait, receive].reduce<number>(
    (all, part) => all + Math.max(part ?? 0, 0),
    0,
  );
  const { postData } = entry.request;
  return [
    ...wrong.map(([path]) => path),
    ...(Math.abs(sum - entry.time) > 0.01 ? ['time is no sum'] : []),
    ...(postData !== undefined && !('mimeType' in postData) ? ['request.postData has no mimeType'] : []),
  ];
}

function memberAt(of: unknown, [key = '', ...rest]: readonly string[]): unknown {
  const value = (of as Readonly<Record<string, unknown>> | undefined)?.[key];
  return rest.length === 0 ? value : memberAt(value, rest);
}
