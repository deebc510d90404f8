import { describe, expect, test } from 'vitest';
import { Http2Error } from '../../src/wire/http2-error.js';
import type { Http2Frame } from '../../src/wire/http2-frames.js';
import { Http2FrameReader } from '../../src/wire/http2-frames.js';
import { decodeHttp2Payload } from '../../src/wire/http2-payload.js';
import { readVectors, vectorsMissing } from './http2-vectors.js';

/** Frames out of chunks. */
function frames(chunks: readonly Buffer[], maximumFrameSize = 16384): Http2Frame[] {
  const reader = new Http2FrameReader({ maximumFrameSize });
  const found: Http2Frame[] = [];
  for (const chunk of chunks) {
    reader.receive(chunk);
    for (let frame = reader.next(); frame; frame = reader.next()) found.push(frame);
  }
  return found;
}

function only(bytes: Buffer): Http2Frame {
  const [frame] = frames([bytes], 0xffffff);
  if (frame === undefined) throw new Error('no whole frame');
  return frame;
}

interface FrameVector {
  readonly error: readonly number[] | null;
  readonly wire: string;
  readonly frame: null | {
    readonly length: number;
    readonly flags: number;
    readonly stream_identifier: number;
    readonly type: number;
    readonly frame_payload: Record<string, unknown>;
  };
}

const folders = [
  'continuation',
  'data',
  'error',
  'goaway',
  'headers',
  'ping',
  'priority',
  'push_promise',
  'rst_stream',
  'settings',
  'window_update',
];

/** A payload in the words of the public vectors. */
function inTheirWords(frame: Http2Frame): Record<string, unknown> {
  const latin1 = (bytes: Buffer | undefined): string | null => bytes?.toString('latin1') ?? null;
  const payload = decodeHttp2Payload(frame);
  const padding =
    'padding' in payload ? { padding: latin1(payload.padding), padding_length: payload.padding?.length ?? null } : {};
  const priority = 'priority' in payload ? payload.priority : payload.type === 'priority' ? payload : undefined;
  const dependency = {
    stream_dependency: priority?.dependency ?? null,
    weight: priority?.weight ?? null,
    exclusive: priority?.exclusive ?? null,
  };
  switch (payload.type) {
    case 'data':
      return { data: latin1(payload.data), ...padding };
    case 'headers':
      return { header_block_fragment: latin1(payload.fragment), ...dependency, ...padding };
    case 'priority':
      return { ...dependency, padding: null, padding_length: null };
    case 'rst_stream':
      return { error_code: payload.errorCode };
    case 'settings':
      return { settings: payload.settings };
    case 'push_promise':
      return {
        header_block_fragment: latin1(payload.fragment),
        promised_stream_id: payload.promisedStreamId,
        ...padding,
      };
    case 'ping':
      return { opaque_data: latin1(payload.opaque) };
    case 'goaway':
      return {
        last_stream_id: payload.lastStreamId,
        error_code: payload.errorCode,
        additional_debug_data: latin1(payload.debug),
      };
    case 'window_update':
      return { window_size_increment: payload.increment };
    case 'continuation':
      return { header_block_fragment: latin1(payload.fragment) };
    case 'other':
      return {};
  }
}

describe('the public frame vectors', () => {
  if (vectorsMissing) test('all of them', ({ skip }) => skip(vectorsMissing));
  test.each(folders.flatMap((name) => readVectors<FrameVector>(`frames/${name}`)))('$name', ({ vector }) => {
    const bytes = Buffer.from(vector.wire, 'hex');
    if (vector.frame === null) {
      try {
        frames([bytes]).forEach((frame) => decodeHttp2Payload(frame));
      } catch (error) {
        if (!(error instanceof Http2Error)) throw error;
        expect(vector.error).toContain(error.errorCode);
        return;
      }
      expect.unreachable('it was accepted');
    }
    const frame = only(bytes);
    const { frame_payload: payload, length, flags, stream_identifier: streamId, type } = vector.frame;
    expect(frame).toMatchObject({ length, flags, streamId, type });
    expect(inTheirWords(frame)).toEqual(payload);
  });
});
