/** The receiving half of a connection: what each frame means in the state it meets (RFC 9113, sections 5 and 6). */
import { ProtocolError } from '../errors.js';
import type { HeaderField } from './header-field.js';
import { HeaderListTooLong } from './hpack-decoder.js';
import { encodePingFrame } from './http2-encode.js';
import { Http2Error } from './http2-error.js';
import type { Http2Frame } from './http2-frames.js';
import type { HeaderBlock } from './http2-header-assembly.js';
import { HeaderAssembly } from './http2-header-assembly.js';
import type { Http2Payload } from './http2-payload.js';
import { decodeHttp2Payload } from './http2-payload.js';
import { frameTypes, http2ErrorCodes } from './http2-registry.js';
import { greatestWindow } from './http2-settings.js';
import { receiveSettings } from './http2-settings-exchange.js';
import type { Http2State } from './http2-state.js';
import type { Http2Stream } from './http2-streams.js';

type PayloadOf<T extends Http2Payload['type']> = Extract<Http2Payload, { type: T }>;

export class Http2Receiver {
  private readonly assembly: HeaderAssembly;
  private settingsSeen = false;

  constructor(private readonly state: Http2State) {
    const { maximumHeaderBlockSize = 128 * 1024, maximumContinuations = 4096 } = state.options;
    this.assembly = new HeaderAssembly({ maximumBlockSize: maximumHeaderBlockSize, maximumContinuations });
    this.settingsSeen = state.options.automatic?.preface === false;
  }

  /**
   * Acts upon a frame.
   * @throws {Http2Error} for an error of the connection or of a stream
   */
  handle(frame: Http2Frame): void {
    this.checkOrder(frame);
    const payload = decodeHttp2Payload(frame);
    const { streamId } = frame;
    switch (payload.type) {
      case 'data':
        return this.data(frame, payload);
      case 'headers':
        return this.headers(streamId, payload);
      case 'continuation':
        return this.block(this.assembly.goOn(streamId, payload.fragment, payload.endHeaders));
      case 'push_promise':
        return this.pushPromise(streamId, payload);
      case 'rst_stream':
        return this.rstStream(streamId, payload);
      case 'settings':
        return receiveSettings(this.state, payload.settings, payload.ack);
      case 'ping':
        return this.ping(payload);
      case 'goaway':
        return this.goaway(payload);
      case 'window_update':
        return this.windowUpdate(streamId, payload.increment);
      case 'priority':
        return;
      case 'other':
        this.state.events.push({ type: 'unknown', frame });
    }
  }

  /** What may come now at all (RFC 9113, sections 3.4 and 4.3). */
  private checkOrder(frame: Http2Frame): void {
    if (!this.settingsSeen) {
      if (frame.type !== frameTypes.settings || (frame.flags & 1) !== 0) {
        this.settingsSeen = this.state.options.lenient === true;
        throw new Http2Error('protocol_error', 'the first frame is not SETTINGS');
      }
      this.settingsSeen = true;
    }
    const open = this.assembly.openStream;
    if (open === undefined || (frame.type === frameTypes.continuation && frame.streamId === open)) return;
    throw new Http2Error('protocol_error', `the header block of stream ${open} is interrupted by another frame`);
  }

  private data(frame: Http2Frame, { data, endStream }: PayloadOf<'data'>): void {
    const { state } = this;
    const size = frame.payload.length;
    const stream = state.streams.get(frame.streamId);
    state.receiveWindow -= size;
    if (state.receiveWindow < 0) {
      state.receiveWindow += size;
      throw new Http2Error(
        'flow_control_error',
        'the peer sent more DATA than the window of the connection has room for',
      );
    }
    if (stream === undefined || stream.remoteEnded || !stream.headersReceived || stream.receiveWindow < size) {
      state.credit(size, undefined);
      this.refuseData(frame.streamId, stream, size);
      return;
    }
    stream.receiveWindow -= size;
    if (endStream) this.endRemote(stream);
    state.credit(size - data.length, stream);
    if (data.length > 0) state.events.push({ type: 'data', streamId: stream.id, data, endStream });
    if (endStream) state.events.push({ type: 'end', streamId: stream.id });
  }

  /** Says what is wrong with DATA on this stream, unless we had reset it. */
  private refuseData(id: number, stream: Http2Stream | undefined, size: number): void {
    if (stream === undefined && this.state.streams.isIdle(id)) throw idle('DATA', id);
    if (stream === undefined && this.state.streams.wasReset(id)) return;
    if (stream === undefined || stream.remoteEnded) {
      throw new Http2Error('stream_closed', `DATA on stream ${id}, which the peer had ended`, id);
    }
    if (!stream.headersReceived) throw new Http2Error('protocol_error', `DATA before HEADERS on stream ${id}`, id);
    const text = `${size} bytes of DATA on stream ${id}, whose window has room for ${stream.receiveWindow}`;
    throw new Http2Error('flow_control_error', text, id);
  }

  private headers(streamId: number, { fragment, endHeaders, endStream }: PayloadOf<'headers'>): void {
    this.block(this.assembly.begin({ streamId, endStream }, fragment, endHeaders));
  }

  private pushPromise(streamId: number, payload: PayloadOf<'push_promise'>): void {
    const { role } = this.state.options;
    if (role === 'server') throw new Http2Error('protocol_error', 'a client sent PUSH_PROMISE');
    if (this.state.local.enable_push === 0) {
      throw new Http2Error('protocol_error', 'PUSH_PROMISE, though push is disabled');
    }
    const { promisedStreamId } = payload;
    this.block(
      this.assembly.begin({ streamId, endStream: false, promisedStreamId }, payload.fragment, payload.endHeaders),
    );
  }

  /** A block that is complete. It is decoded whatever becomes of it, for the tables must stay in step. */
  private block(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const fields = this.decode(block);
    if (block.promisedStreamId === undefined) this.fields(block.streamId, fields, block.endStream);
    else this.promised(block.streamId, block.promisedStreamId, fields);
  }

  private decode({ block, streamId }: HeaderBlock): HeaderField[] {
    try {
      return this.state.decoder.decode(block);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (error instanceof HeaderListTooLong) {
        this.state.streams.seen(this.state.streams.isLocal(streamId) ? 0 : streamId);
        throw new Http2Error('enhance_your_calm', error.message, streamId);
      }
      throw new Http2Error('compression_error', error.message);
    }
  }

  private promised(streamId: number, promisedStreamId: number, headers: HeaderField[]): void {
    const { state } = this;
    if (!state.streams.isIdle(promisedStreamId)) {
      throw new Http2Error('protocol_error', `PUSH_PROMISE promises stream ${promisedStreamId}, which is not idle`);
    }
    if (state.streams.isIdle(streamId)) throw idle('PUSH_PROMISE', streamId);
    state.streams.seen(promisedStreamId);
    state.open(promisedStreamId).localEnded = true;
    state.events.push({ type: 'push', streamId, promisedStreamId, headers });
  }

  private fields(id: number, headers: HeaderField[], endStream: boolean): void {
    const stream = this.state.streams.get(id) ?? this.opened(id);
    if (stream === undefined) return;
    if (stream.remoteEnded) {
      throw new Http2Error('stream_closed', `HEADERS on stream ${id}, which the peer had ended`, id);
    }
    if (stream.headersReceived) this.trailers(stream, headers, endStream);
    else this.head(stream, headers, endStream);
    if (!endStream) return;
    this.endRemote(stream);
    this.state.events.push({ type: 'end', streamId: id });
  }

  private head(stream: Http2Stream, headers: HeaderField[], endStream: boolean): void {
    const status = headers.find(({ name }) => name === ':status')?.value ?? '';
    const informational = this.state.options.role === 'client' && !endStream && /^1\d\d$/.test(status);
    if (!informational) stream.headersReceived = true;
    this.state.events.push({ type: 'headers', streamId: stream.id, headers, endStream, informational });
  }

  private trailers(stream: Http2Stream, headers: HeaderField[], endStream: boolean): void {
    if (!endStream && this.state.options.lenient !== true) {
      throw new Http2Error('protocol_error', `trailers on stream ${stream.id} do not end it`, stream.id);
    }
    this.state.events.push({ type: 'trailers', streamId: stream.id, headers });
  }

  /** The stream that HEADERS open (RFC 9113, section 5.1.1); undefined when they are to be let pass. */
  private opened(id: number): Http2Stream | undefined {
    const { state } = this;
    const { streams } = state;
    if (streams.wasReset(id)) return undefined;
    if (streams.isLocal(id) || state.options.role === 'client') {
      if (streams.isIdle(id)) throw idle('HEADERS', id);
    }
    if (!streams.isIdle(id)) {
      throw new Http2Error('stream_closed', `HEADERS on stream ${id}, which is closed`, state.options.lenient ? id : 0);
    }
    streams.seen(id);
    if (id > state.lastHandled) throw new Http2Error('refused_stream', `stream ${id} was opened behind GOAWAY`, id);
    if (streams.openedByPeer >= state.local.max_concurrent_streams) {
      throw new Http2Error('refused_stream', `stream ${id} is one more than may be open at a time`, id);
    }
    return state.open(id);
  }

  private endRemote(stream: Http2Stream): void {
    stream.remoteEnded = true;
    this.state.closeIfEnded(stream);
  }

  private rstStream(streamId: number, { errorCode }: PayloadOf<'rst_stream'>): void {
    const { streams, events } = this.state;
    if (streams.isIdle(streamId) && !streams.wasTouched(streamId)) throw idle('RST_STREAM', streamId);
    if (streams.get(streamId) === undefined) return;
    this.state.forget(streamId);
    events.push({ type: 'reset', streamId, errorCode, by: 'peer' });
  }

  private ping({ ack, opaque }: PayloadOf<'ping'>): void {
    const { options, events } = this.state;
    if (!ack && options.automatic?.pingAck !== false) this.state.reply(encodePingFrame({ opaque, ack: true }));
    events.push({ type: 'ping', ack, opaque });
  }

  private goaway({ lastStreamId, errorCode, debug }: PayloadOf<'goaway'>): void {
    const { state } = this;
    state.events.push({ type: 'goaway', lastStreamId, errorCode, debug });
    for (const { id: streamId } of [...state.streams.all]) {
      if (!state.streams.isLocal(streamId) || streamId <= lastStreamId) continue;
      state.forget(streamId);
      state.events.push({ type: 'reset', streamId, errorCode: http2ErrorCodes.refused_stream, by: 'goaway' });
    }
  }

  private windowUpdate(streamId: number, increment: number): void {
    const { outbox, streams } = this.state;
    if (streamId === 0) {
      if (outbox.window + increment > greatestWindow) {
        throw new Http2Error('flow_control_error', 'the window of the connection grew beyond 2^31 - 1');
      }
      outbox.window += increment;
      return;
    }
    if (streams.isIdle(streamId) && !streams.wasTouched(streamId)) throw idle('WINDOW_UPDATE', streamId);
    const stream = streams.get(streamId);
    if (stream === undefined) return;
    if (stream.sendWindow + increment > greatestWindow) {
      throw new Http2Error('flow_control_error', `the window of stream ${streamId} grew beyond 2^31 - 1`, streamId);
    }
    stream.sendWindow += increment;
    outbox.windowGrew(stream);
  }
}

function idle(what: string, streamId: number): Http2Error {
  return new Http2Error('protocol_error', `${what} on stream ${streamId}, which is idle`);
}
