import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HpackDecoder } from '../../src/wire/hpack-decoder.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import { frameFlags, frameTypes } from '../../src/wire/http2-registry.js';
import {
  Http2FrameMessage,
  parseHttp2Requests,
  parseHttp2RequestSequence,
  parseHttp2Response,
  parseHttp2ResponseSequence,
  Random,
  render,
} from '../kit/language.js';
import type { Http2Sequence, Settings } from '../kit/language.js';
import * as specs from '../kit/spec-arbitraries.js';

const seed = fc.integer({ min: 0, max: 2 ** 31 });

function settings(value: number): Settings {
  return { random: Random.fromSeed(value), requestHost: 'example.com', streamId: 5, nextStreamId: 7 };
}

/** The frames that bytes are, which must be all of them. */
function framesOf(bytes: Buffer): Http2Frame[] {
  const reader = new Http2FrameReader({ maximumFrameSize: 0xffffff });
  reader.receive(bytes);
  const frames: Http2Frame[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
  expect(reader.waiting).toBe(0);
  return frames;
}

const sequences: readonly [string, fc.Arbitrary<string>, (spec: string) => Http2Sequence][] = [
  ['server', specs.http2ServerSequence, parseHttp2ResponseSequence],
  ['client', specs.http2ClientSequence, parseHttp2RequestSequence],
];

describe.each(sequences)('a sequence of a %s', (_side, arbitrary, parse) => {
  it('prints a canonical text that parses back to an equal sequence', () => {
    fc.assert(
      fc.property(arbitrary, (spec) => {
        const read = parse(spec);
        const again = parse(read.spec);
        expect(again.spec).toBe(read.spec);
        expect(again.length).toBe(read.length);
        expect([...again].map((message) => message.spec)).toEqual([...read].map((message) => message.spec));
        expect([...read].length).toBe(read.length);
      }),
      { numRuns: 300 },
    );
  });

  it('freezes to a fixed point', () => {
    fc.assert(
      fc.property(arbitrary, seed, (spec, value) => {
        const full = { ...settings(value), random: Random.fromSeed(value), files: { segment: refuse, text: refuse } };
        const frozen = parse(spec).freezeForElsewhere(full).spec;
        expect(parse(frozen).freezeForElsewhere({ ...full, random: Random.fromSeed(value + 1) }).spec).toBe(frozen);
      }),
      { numRuns: 200 },
    );
  });
});

function refuse(): never {
  throw new Error('no files here');
}

describe('the bytes of a raw frame', () => {
  it('are frames as the message says, the same from the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(specs.plainRawFrame, fc.boolean(), seed, async (spec, client, value) => {
        const [message] = client ? parseHttp2Requests(spec) : parseHttp2Response(spec);
        if (!(message instanceof Http2FrameMessage)) throw new Error('no raw frame');
        const bytes = await render(message, settings(value));
        expect(await render(message, settings(value))).toEqual(bytes);
        const [first, ...rest] = framesOf(bytes);
        expect([first?.type, first?.streamId]).toEqual([message.type, message.streamId(settings(value))]);
        if (rest.length === 0 && message.has('fragments')) return;
        expect(first?.flags).toBe(message.flags);
        for (const { type, streamId } of rest)
          expect([type, streamId]).toEqual([frameTypes.continuation, first?.streamId]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the bytes of a well-formed message', () => {
  it.each([
    ['response', specs.http2Response, parseHttp2Response],
    ['request', specs.http2Request, parseHttp2Requests],
  ] as const)('are HEADERS and DATA of a %s that say what it says', async (_kind, arbitrary, parse) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, seed, async (spec, value) => {
        const [message] = parse(spec);
        if (!message || message instanceof Http2FrameMessage) throw new Error('no message');
        const frames = framesOf(await render(message, settings(value)));
        const isData = ({ type }: Http2Frame): boolean => type === frameTypes.data;
        const decoder = new HpackDecoder();
        const blocks = frames.filter((frame) => !isData(frame)).map(({ payload }) => decoder.decode(payload));
        const told = [message.headerList(settings(value)), message.trailerList(settings(value))].filter(
          (fields, i) => i === 0 || fields.length > 0,
        );
        expect(blocks.map((fields) => fields.map(({ name, value: content }) => [name, content]))).toEqual(
          told.map((fields) => fields.map((field) => field.map((part) => part.toString('latin1')))),
        );
        const data = frames.filter(isData).reduce((sum, { payload }) => sum + payload.length, 0);
        expect(data).toBe(message.bodyPart(settings(value)).length);
        expect(frames.map(({ flags }) => (flags & frameFlags.end_stream) !== 0)).toEqual(
          frames.map((_, i) => i === frames.length - 1),
        );
        expect(decoder.tableSize).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
