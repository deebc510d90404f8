/**
 * The life of one connection: requests in, answers out in their order, then perhaps WebSocket frames.
 *
 *     pump -> Http1RequestReader -> Router -> Servable -> play -> log
 *
 * A request whose answer is one write is answered without a promise being made.
 */
import type { Duplex } from 'node:stream';
import { ProtocolError, RenderError } from '../errors.js';
import { hangUp } from '../net/hang-up.js';
import type { Played } from '../net/play.js';
import { pump } from '../net/pump.js';
import type { Consumed, Pumped } from '../net/pump.js';
import { Stillness } from '../net/stillness.js';
import { expectsContinue } from '../wire/http1-framing.js';
import type { RequestHead } from '../wire/http1-head.js';
import { Http1RequestReader } from '../wire/http1-reader.js';
import { parseTarget } from '../wire/request-target.js';
import { handshakeKey } from '../wire/websocket-handshake.js';
import { pageFor, refused } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import { ExchangeEntry } from './exchange-entry.js';
import type { RemoteAddress } from './exchange-entry.js';
import { NoteEntry } from './note-entry.js';
import { Outgoing } from './outgoing.js';
import { objection } from './policy.js';
import type { Serving } from './recipe.js';
import { RequestBytes } from './request-bytes.js';
import type { Route } from './router.js';
import type { Service } from './service.js';
import { version } from '../version.js';
import { WebsocketSession } from './websocket.js';

const continueResponse = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const connectResponse = Buffer.from(`HTTP/1.1 200 Connection established\r\nProxy-agent: pathod ${version}\r\n\r\n`);

/** What is about to be served, and what the log tells besides. */
interface Answer {
  readonly serving: Serving;
  readonly refusal: string | undefined;
  readonly remark: string | undefined;
}

export class Connection {
  private readonly reader = new Http1RequestReader();
  private readonly outgoing: Outgoing;
  private readonly stillness: Stillness | undefined;
  private readonly requestBytes: RequestBytes | undefined;
  private head: RequestHead | undefined;
  /** The last request that was one chunk. Who asks for the same again mostly sends the same bytes, which need no reading. */
  private lastHead: RequestHead | undefined;
  private started = 0;
  private awaitsContinue = false;
  private websocket: WebsocketSession | undefined;
  private answering = false;
  private timedOut = false;
  private isOver = false;

  constructor(
    private readonly service: Service,
    private readonly duplex: Duplex,
    private readonly remote: RemoteAddress,
  ) {
    this.outgoing = new Outgoing(service, duplex);
    this.requestBytes = service.keepsRequests ? new RequestBytes() : undefined;
    const { clock, timeout } = service;
    this.stillness = timeout === undefined ? undefined : new Stillness(clock, timeout, this.giveUp);
  }

  /** Whether a request or a frame is half read, or an answer is being sent. */
  get busy(): boolean {
    return !this.isOver && (this.answering || (this.websocket ?? this.reader).midMessage);
  }

  /** Serves until either side closes. Never rejects: what goes wrong is logged. */
  async run(): Promise<void> {
    try {
      this.noteEnding(await pump(this.duplex, this.receive));
    } catch (error) {
      const isExpected = error instanceof ProtocolError || error instanceof RenderError;
      this.note(isExpected ? error.message : `Internal error: ${String(error)}`);
    }
    this.stillness?.stop();
    this.isOver = true;
    this.service.settled();
    await hangUp(this.duplex, this.service.clock, this.service.signal);
  }

  private readonly receive = (chunk: Buffer): Consumed | Promise<Consumed> => {
    this.stillness?.touch();
    const consumed = this.websocket === undefined ? this.receiveRequests(chunk) : this.websocket.receive(chunk);
    if (consumed instanceof Promise) return this.during(consumed);
    this.service.settled();
    return consumed;
  };

  /** While an answer is sent, the client need not say anything. */
  private async during(answer: Promise<Consumed>): Promise<Consumed> {
    this.answering = true;
    this.stillness?.hold(true);
    try {
      return await answer;
    } finally {
      this.answering = false;
      this.stillness?.hold(false);
      this.service.settled();
    }
  }

  private readonly giveUp = (): void => {
    this.timedOut = true;
    this.service.log(NoteEntry.timeout(this.service.clock.now()));
    void hangUp(this.duplex, this.service.clock, this.service.signal);
  };

  /** Tells of a peer that left in the middle of something. */
  private noteEnding(pumped: Pumped): void {
    if (pumped.how === 'stopped' || this.timedOut) return;
    const isMidway = (this.websocket ?? this.reader).midMessage;
    if (pumped.how === 'end' && isMidway && this.websocket === undefined) {
      this.reader.finish();
      // Throws what is missing of a body.
      this.reader.next();
    }
    if (isMidway || (pumped.how === 'closed' && pumped.error !== undefined)) this.note('Disconnect');
  }

  private note(msg: string): void {
    if (!this.service.signal.aborted) this.service.log(NoteEntry.error(this.service.clock.now(), msg));
  }

  private receiveRequests(chunk: Buffer): Consumed | Promise<Consumed> {
    if (isClientHello(chunk) && !this.reader.midMessage) {
      throw new ProtocolError('SSL handshake error: the client began TLS, and this port speaks plain HTTP');
    }
    this.requestBytes?.receive(chunk);
    if (this.lastHead !== undefined && chunk.equals(this.lastHead.bytes) && !this.reader.midMessage) {
      this.started = this.service.clock.now();
      return this.answer(this.lastHead);
    }
    this.reader.receive(chunk);
    const consumed = this.advance();
    if (this.head?.isAllOf(chunk)) this.lastHead = this.head;
    return consumed;
  }

  /** Answers what has been read. */
  private advance(): Consumed | Promise<Consumed> {
    for (;;) {
      const event = this.reader.next();
      if (event === undefined) {
        if (this.awaitsContinue) this.sendContinue();
        return undefined;
      }
      if (event.type === 'head') {
        this.head = event.head;
        this.started = this.service.clock.now();
        this.awaitsContinue = event.framing.by !== 'none' && expectsContinue(event.head.values('expect'));
      } else if (event.type === 'end') {
        const consumed = this.head === undefined ? undefined : this.answer(this.head);
        if (consumed !== undefined) return consumed;
      } else {
        // The body has begun to arrive, so the client does not wait for leave to send it.
        this.awaitsContinue = false;
      }
    }
  }

  private sendContinue(): void {
    this.awaitsContinue = false;
    this.duplex.write(continueResponse);
  }

  /** Answers one request, and goes on once its answer is sent. */
  private answer(head: RequestHead): Consumed | Promise<Consumed> {
    const target = head.targetText;
    const isOrigin = target.startsWith('/');
    if (!isOrigin && head.method.toUpperCase() === 'CONNECT') {
      this.requestBytes?.take(this.reader.waiting);
      this.duplex.write(connectResponse);
      return undefined;
    }
    const path = isOrigin ? target : parseTarget(head.target).path;
    const key = head.mayHave('upgrade') ? handshakeKey(head.headers) : undefined;
    const answer = this.prepare(this.service.router.route(path, key !== undefined), key);
    const played = this.outgoing.send(answer.serving);
    if (played instanceof Promise) return played.then((how) => this.answered(head, answer, how, key) ?? this.advance());
    return this.answered(head, answer, played, key);
  }

  /** The message that answers, or the error page in its place. */
  private prepare(route: Route, key: string | undefined): Answer {
    if (route.recipe === undefined) return this.errorPage(route.page);
    try {
      const serving = route.recipe.serve(key);
      const reason = objection(this.service.policy, serving.served);
      if (reason !== undefined) return this.errorPage(refused(reason));
      return { serving, refusal: undefined, remark: undefined };
    } catch (error) {
      return this.errorPage(pageFor(error));
    }
  }

  private errorPage({ servable, refusal, remark }: ErrorPage): Answer {
    return { serving: servable.serve(this.service.seed), refusal, remark };
  }

  private answered(
    head: RequestHead,
    answer: Answer,
    played: Played,
    key: string | undefined,
  ): Consumed | Promise<Consumed> {
    const { serving, refusal, remark } = answer;
    const sent = this.outgoing.sent(serving.served, this.started, played);
    const requestBytes = this.requestBytes?.take(this.reader.waiting);
    this.service.log(new ExchangeEntry(head, this.remote, sent, refusal, remark, requestBytes));
    if (played === 'peer-left') this.note('Disconnect');
    if (played !== 'done' || refusal !== undefined) return 'stop';
    return key === undefined ? undefined : this.becomeWebsocket();
  }

  /** From a handshake on, whatever answered it, the client sends frames. */
  private becomeWebsocket(): Consumed | Promise<Consumed> {
    this.websocket = new WebsocketSession(this.service, this.outgoing);
    const rest = this.reader.detach();
    return rest.length > 0 ? this.websocket.receive(rest) : undefined;
  }
}

/** The first bytes of a TLS record that holds a handshake (RFC 8446, section 5.1). */
function isClientHello(chunk: Buffer): boolean {
  return chunk[0] === 0x16 && chunk[1] === 0x03;
}
