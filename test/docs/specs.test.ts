import { describe, expect, it } from 'vitest';
import {
  parseFrames,
  parseHttp2RequestSequence,
  parseHttp2ResponseSequence,
  parseRequests,
  parseResponse,
} from '../../src/language/index.js';
import type { Http2Sequence, Message } from '../../src/language/index.js';
import { blocksOf, pages, tableSpecs } from './pages.js';

const parsers: Readonly<Record<string, (spec: string) => Message[]>> = {
  'spec response': (spec) => parseResponse(spec),
  'spec request': (spec) => parseRequests(spec),
  'spec frame': (spec) => parseFrames(spec, { client: true }),
  'spec http2 response': (spec) => once(parseHttp2ResponseSequence(spec)),
  'spec http2 request': (spec) => once(parseHttp2RequestSequence(spec)),
};

/** What is repeated a thousand times need be looked at once. */
function once({ runs }: Http2Sequence): Message[] {
  return runs.flatMap(({ messages }) => messages);
}

/** Other tables hold responses. */
const parserOfHeading: Readonly<Record<string, string>> = {
  Requests: 'spec request',
  'WebSocket frames': 'spec frame',
  'Responses over HTTP/2': 'spec http2 response',
  'Requests over HTTP/2': 'spec http2 request',
  'From pathod': 'spec http2 response',
  'From pathoc': 'spec http2 request',
};

/** One spec, and the canonical text that the page says it has. */
interface Example {
  readonly name: string;
  readonly kind: string;
  readonly spec: string;
  readonly canonical: string | undefined;
}

/** A block holds specs with blank lines between them, each with a line `=> CANONICAL` behind it, or none. */
const inBlocks = pages.flatMap(blocksOf).flatMap(({ page, line, kind, text }): Example[] => {
  if (!kind.startsWith('spec')) return [];
  return text.split(/\n\n+/).map((part) => {
    const [, spec = '', canonical] = /^(.*?)(?:\n=> (.*))?$/s.exec(part) ?? [];
    return { name: `${page}:${String(line)} ${spec}`, kind, spec, canonical };
  });
});

const inTables = pages.flatMap((page) =>
  tableSpecs(page).map(({ line, heading, spec }): Example => ({
    name: `${page}:${String(line)} ${spec}`,
    kind: parserOfHeading[heading] ?? 'spec response',
    spec,
    canonical: undefined,
  })),
);

const settings = { requestHost: 'example.com', websocketKey: 'dGhlIHNhbXBsZSBub25jZQ==' };

describe('a spec of the documentation', () => {
  it('is found in blocks and in tables', () => {
    expect(inBlocks.length).toBeGreaterThan(0);
    expect(inTables.length).toBeGreaterThan(0);
  });

  it.each([...inBlocks, ...inTables])('$name', ({ kind, spec, canonical }) => {
    const parse = parsers[kind];
    if (parse === undefined) throw new Error(`no parser is known for ${kind}`);
    const messages = parse(spec);
    expect(messages).not.toEqual([]);
    // It can be sent too, files aside.
    for (const message of messages) if (!message.usesFiles) expect(message.maximumLength(settings)).toBeGreaterThan(0);
    if (canonical !== undefined) expect(messages.map((message) => message.spec).join(' ')).toBe(canonical);
  });
});
