/**
 * HTTP/2 on a connection: requests in on many streams, answers out as they are ready.
 *
 *     pump -> Http2Connection -> Router -> Http2Serving -> Http2Answer -> Http2Writer -> log
 *
 * A request whose answer is the same every time, small, and within the windows is answered without a
 * promise being made, and all answers to one chunk are one write.
 */
import type { Duplex } from 'node:stream';
import { isOwnError } from '../errors.js';
import { hangUp } from '../net/hang-up.js';
import { onAbort } from '../net/on-abort.js';
import { pump } from '../net/pump.js';
import type { Consumed, Pumped } from '../net/pump.js';
import { Stillness } from '../net/stillness.js';
import type { TlsFacts } from '../net/tls-facts.js';
import type { HeaderField } from '../wire/header-field.js';
import { Http2Connection } from '../wire/http2-connection.js';
import { Http2Error } from '../wire/http2-error.js';
import type { Http2Event } from '../wire/http2-event.js';
import { http2ErrorCodes, http2ErrorName } from '../wire/http2-registry.js';
import { noTunnelOverHttp2, pageFor, refused } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import type { RemoteAddress } from './exchange-entry.js';
import { Http2Answer } from './http2-answer.js';
import { Http2ExchangeEntry } from './http2-entry.js';
import type { Http2Origin } from './http2-entry.js';
import { Http2FramesKept } from './http2-frames-kept.js';
import { http2Page } from './http2-page.js';
import type { Http2Serving } from './http2-recipe.js';
import { Http2Sent } from './http2-sent.js';
import { Http2Writer } from '../net/http2-writer.js';
import { NoteEntry } from './note-entry.js';
import type { Ending } from './outgoing.js';
import type { Service } from './service.js';

/** Bytes put out and not yet taken by the socket at which no more requests are read. */
const patience = 128 * 1024;

/** A request, and its answer once that is being sent. */
interface Exchange {
  readonly streamId: number;
  readonly fields: readonly HeaderField[];
  readonly started: number;
  answer: Http2Answer | undefined;
  /** The error code with which the client reset the stream. */
  reset: number | undefined;
}

/** What is about to be served, and what the log tells besides. */
interface Prepared {
  readonly serving: Http2Serving;
  readonly refusal: string | undefined;
  readonly remark: string | undefined;
}

export class Http2Session {
  private readonly connection: Http2Connection;
  private readonly writer: Http2Writer;
  private readonly kept: Http2FramesKept | undefined;
  private readonly stillness: Stillness | undefined;
  private readonly origin: Http2Origin;
  private readonly exchanges = new Map<number, Exchange>();
  private readonly answers = new Set<Promise<void>>();
  private wakeReader: (() => void) | undefined;
  private wakeFinish: (() => void) | undefined;
  private isHandling = false;
  private isOver = false;
  private hasFailed = false;
  private leftMidway = false;

  /** @param tls undefined when the connection is not encrypted */
  constructor(
    private readonly service: Service,
    private readonly duplex: Duplex,
    remote: RemoteAddress,
    tls: TlsFacts | undefined,
  ) {
    this.origin = { remote, tls };
    this.kept = Http2FramesKept.areWanted(service) ? new Http2FramesKept(service) : undefined;
    const hooks = this.kept && { onFrame: this.kept.onFrame, onSent: this.kept.onSent };
    this.connection = new Http2Connection({ role: 'server', ...hooks });
    const { clock, timeout } = service;
    this.writer = new Http2Writer(service, duplex, this.connection, {
      written: this.written,
      playing: (isPlaying) => this.stillness?.hold(isPlaying),
      ended: this.leave,
    });
    this.stillness = timeout === undefined ? undefined : new Stillness(clock, timeout, this.giveUp);
  }

  /** Whether a request or a frame is half read, or an answer is being sent. */
  get busy(): boolean {
    return !this.isOver && (this.exchanges.size > 0 || this.connection.waiting > 0);
  }

  /** Serves until either side closes. Never rejects: what goes wrong is logged. */
  async run(): Promise<void> {
    const { duplex, service, writer } = this;
    const gone = (): void => {
      writer.stop('peer-left');
    };
    duplex.once('close', gone);
    const forget = onAbort(service.signal, () => duplex.destroy());
    try {
      writer.flush();
      const pumped = await pump(duplex, this.receive);
      if (pumped.how === 'end') await this.finishAnswers();
      writer.stop('peer-left');
      await Promise.all(this.answers);
      this.noteEnding(pumped);
    } catch (error) {
      this.fail(error);
    }
    await Promise.all(this.answers);
    duplex.off('close', gone);
    forget();
    this.stillness?.stop();
    this.isOver = true;
    service.settled();
    await hangUp(duplex, service.clock, service.signal);
  }

  private readonly receive = (chunk: Buffer): Consumed | Promise<Consumed> => {
    this.stillness?.touch();
    // After our end there is nothing to answer with; what comes in is read, and that is all.
    if (this.writer.ended !== undefined) return undefined;
    this.connection.receive(chunk);
    return this.advance();
  };

  /** Handles what has been read; when the socket does not take the answers, the rest waits until it does. */
  private advance(): Consumed | Promise<Consumed> {
    while (this.handleSome()) {
      if (this.writer.flush() || this.connection.outputBytes <= patience) continue;
      return new Promise<void>((resolve) => (this.wakeReader = resolve)).then(() => this.advance());
    }
    this.writer.flush();
    this.service.settled();
    return undefined;
  }

  /** Handles events until there are none, or a lot was put out. @returns whether there may be more */
  private handleSome(): boolean {
    this.isHandling = true;
    try {
      while (this.writer.ended === undefined && !this.hasFailed) {
        const event = this.connection.next();
        if (event === undefined) return false;
        this.handle(event);
        if (this.connection.outputBytes > patience) return true;
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.isHandling = false;
    }
    return false;
  }

  private handle(event: Http2Event): void {
    switch (event.type) {
      case 'headers':
        this.begin(event.streamId, event.headers, event.endStream);
        break;
      case 'end': {
        const exchange = this.exchanges.get(event.streamId);
        if (exchange && exchange.answer === undefined) this.answer(exchange);
        break;
      }
      case 'reset':
        this.reset(event.streamId, event.errorCode, event.by === 'us' ? event.message : undefined);
        break;
      case 'goaway':
        if (event.errorCode !== http2ErrorCodes.no_error) {
          this.note(
            `GOAWAY from the client: ${http2ErrorName(event.errorCode)} ${event.debug.toString('latin1')}`.trim(),
          );
        }
        break;
      default:
      // Bodies and trailers are read, and that is all; the connection has answered the rest.
    }
  }

  /** A request has begun; one that is all there is answered at once. */
  private begin(streamId: number, fields: readonly HeaderField[], endStream: boolean): void {
    const exchange: Exchange = {
      streamId,
      fields,
      started: this.service.clock.now(),
      answer: undefined,
      reset: undefined,
    };
    if (endStream || valueOf(fields, ':method') === 'CONNECT') {
      this.answer(exchange);
      return;
    }
    this.exchanges.set(streamId, exchange);
    if (valueOf(fields, 'expect')?.toLowerCase() !== '100-continue') return;
    this.connection.sendHeaders(streamId, [{ name: ':status', value: '100', coding: { indexing: 'static' } }]);
  }

  private answer(exchange: Exchange): void {
    const { streamId, fields } = exchange;
    const method = valueOf(fields, ':method');
    const path = valueOf(fields, ':path');
    if (method === undefined || (path === undefined && method !== 'CONNECT')) {
      this.exchanges.delete(streamId);
      this.note(`Malformed request on stream ${streamId}: no ${method === undefined ? ':method' : ':path'}`);
      this.connection.sendReset(streamId, http2ErrorCodes.protocol_error);
      return;
    }
    const prepared = this.prepare(path, method === 'CONNECT');
    const { whole } = prepared.serving;
    if (whole !== undefined && this.connection.sendWhole(streamId, whole.block, whole.body)) {
      this.exchanges.delete(streamId);
      this.log(exchange, prepared, 'done');
      return;
    }
    const { connection, writer, kept } = this;
    exchange.answer = new Http2Answer({ connection, writer, kept }, streamId, prepared.serving);
    this.exchanges.set(streamId, exchange);
    const life = this.sendAnswer(exchange, exchange.answer, prepared).finally(() => {
      this.answers.delete(life);
      this.writer.schedule();
    });
    this.answers.add(life);
  }

  private async sendAnswer(exchange: Exchange, answer: Http2Answer, prepared: Prepared): Promise<void> {
    const ending = await answer.send();
    if (this.exchanges.get(exchange.streamId) === exchange) this.exchanges.delete(exchange.streamId);
    this.log(exchange, prepared, ending);
    if (typeof ending === 'object') this.failed(exchange.streamId, ending.thrown);
    this.service.settled();
  }

  /** The messages that answer, or the error page in their place. */
  private prepare(path: string | undefined, isConnect: boolean): Prepared {
    if (path === undefined || isConnect) return this.errorPage(noTunnelOverHttp2);
    const route = this.service.router.http2Route(path);
    if (route.recipe === undefined) return this.errorPage(route.page);
    try {
      const serving = route.recipe.serve();
      const reason = serving.objection(this.service.policy);
      if (reason !== undefined) return this.errorPage(refused(reason));
      return { serving, refusal: undefined, remark: undefined };
    } catch (error) {
      return this.errorPage(pageFor(error));
    }
  }

  private errorPage(page: ErrorPage): Prepared {
    const { refusal, remark } = page;
    return { serving: http2Page(page).serve(this.service.seed), refusal, remark };
  }

  /** A message could not be made to its end: its stream is given up. */
  private failed(streamId: number, thrown: unknown): void {
    this.note(messageOf(thrown));
    this.connection.sendReset(streamId, http2ErrorCodes.internal_error);
    this.writer.schedule();
  }

  private reset(streamId: number, errorCode: number, ours: string | undefined): void {
    const exchange = this.exchanges.get(streamId);
    if (ours !== undefined) this.note(`${http2ErrorName(errorCode)}: ${ours}`);
    if (exchange === undefined) return;
    exchange.reset = errorCode;
    if (exchange.answer) {
      exchange.answer.cancel();
      return;
    }
    this.exchanges.delete(streamId);
    if (ours === undefined) this.note(`Stream ${streamId} was reset by the client: ${http2ErrorName(errorCode)}`);
  }

  private log(exchange: Exchange, { serving, refusal, remark }: Prepared, ending: Ending): void {
    const { streamId, fields, started, reset } = exchange;
    const sent = new Http2Sent(serving, {
      streamId,
      started,
      ended: this.service.clock.now(),
      disconnect: ending !== 'done',
      bytes: this.kept?.takeSent(streamId),
    });
    const cut =
      reset === undefined ? undefined : `Stream ${streamId} was reset by the client: ${http2ErrorName(reset)}`;
    const remarks = { refusal, remark: remark ?? cut };
    const received = this.kept?.takeReceived(streamId);
    this.service.log(new Http2ExchangeEntry(fields, this.origin, sent, remarks, received));
  }

  /** After every write there may be events, and room for what waits. */
  private readonly written = (): void => {
    this.stillness?.touch();
    if (this.wakeReader === undefined) {
      if (!this.isHandling && this.handleSome()) this.writer.schedule();
    } else if (this.connection.outputBytes <= patience) this.wake();
    this.finish();
  };

  private wake(): void {
    const wake = this.wakeReader;
    this.wakeReader = undefined;
    wake?.();
  }

  /** Nothing can be written any more. */
  private readonly leave = (): void => {
    this.leftMidway = this.busy;
    for (const { answer } of this.exchanges.values()) answer?.cancel();
    this.wake();
    this.wakeFinish?.();
  };

  /** The client has ended its side: what can be sent without its doing is. */
  private async finishAnswers(): Promise<void> {
    if (this.writer.ended !== undefined) return;
    await new Promise<void>((resolve) => {
      this.wakeFinish = resolve;
      this.writer.schedule();
    });
  }

  private finish(): void {
    if (this.wakeFinish === undefined) return;
    const { answers, writer, connection } = this;
    // Those who still wait, now that nothing can be written, wait for the client.
    const isStuck = !connection.hasOutput && !writer.playing && writer.waiting === answers.size;
    if (answers.size === 0 ? !connection.hasOutput : isStuck) this.wakeFinish();
  }

  private readonly giveUp = (): void => {
    this.service.log(NoteEntry.timeout(this.service.clock.now()));
    this.close(undefined);
  };

  /** The client broke the rules, or we did. */
  private fail(error: unknown): void {
    if (this.hasFailed || this.writer.ended !== undefined) return;
    this.note(
      error instanceof Http2Error ? `GOAWAY to the client: ${error.errorName}: ${error.message}` : messageOf(error),
    );
    this.close(error);
  }

  /** Says GOAWAY, unless in the middle of a frame, and closes. */
  private close(error: unknown): void {
    this.hasFailed = true;
    const { connection, writer, duplex, service } = this;
    const code = error === undefined ? http2ErrorCodes.no_error : http2ErrorCodes.internal_error;
    if (!(error instanceof Http2Error)) connection.sendGoaway(code);
    const isReading = !duplex.writableNeedDrain;
    if (isReading && !writer.playing && duplex.writable) duplex.write(connection.takeOutput(0));
    writer.stop('peer-left');
    // Who does not read is not waited for: he would go on sending all the while.
    if (isReading) void hangUp(duplex, service.clock, service.signal);
    else duplex.destroy();
  }

  /** Tells of a peer that left in the middle of something. */
  private noteEnding(pumped: Pumped): void {
    if (pumped.how === 'stopped' || this.hasFailed) return;
    if (this.writer.ended !== 'peer-left') return;
    if (this.leftMidway || (pumped.how === 'closed' && pumped.error !== undefined)) this.note('Disconnect');
  }

  private note(msg: string): void {
    if (!this.service.signal.aborted) this.service.log(NoteEntry.error(this.service.clock.now(), msg));
  }
}

function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

function messageOf(error: unknown): string {
  return isOwnError(error) ? error.message : `Internal error: ${String(error)}`;
}
