/**
 * HTTP/1 on a connection: requests in, answers out in their order, then perhaps WebSocket frames.
 *
 *     pump -> Http1RequestReader -> Router -> Servable -> play -> log
 *
 * A request whose answer is one write is answered without a promise being made.
 */
import type { Duplex } from 'node:stream';
import { ProtocolError, RenderError } from '../errors.js';
import type { Plan } from '../language/index.js';
import { hangUp } from '../net/hang-up.js';
import { pump } from '../net/pump.js';
import type { Consumed, Pumped } from '../net/pump.js';
import { Stillness } from '../net/stillness.js';
import type { TlsFacts } from '../net/tls-facts.js';
import { expectsContinue } from '../wire/http1-framing.js';
import { Http1RequestReader } from '../wire/http1-reader.js';
import { pageFor, refused } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import { ExchangeEntry } from './exchange-entry.js';
import type { RemoteAddress } from './exchange-entry.js';
import { NoteEntry } from './note-entry.js';
import { Outgoing, throwFailure } from './outgoing.js';
import type { Ending } from './outgoing.js';
import { objectionTo } from './policy.js';
import type { Serving } from './recipe.js';
import { RequestBytes } from './request-bytes.js';
import { requestOf } from './request.js';
import type { Request } from './request.js';
import type { Service } from './service.js';
import { version } from '../version.js';
import { WebsocketSession } from './websocket.js';

const continueResponse = planOf('HTTP/1.1 100 Continue\r\n\r\n');
const connectResponse = planOf(`HTTP/1.1 200 Connection established\r\nProxy-agent: pathod ${version}\r\n\r\n`);

const nothing: Buffer = Buffer.alloc(0);

/** What is about to be served, and what the log tells besides. */
interface Answer {
  readonly serving: Serving;
  readonly refusal: string | undefined;
  readonly remark: string | undefined;
}

/** What a client asked for with CONNECT, and was granted. */
export interface Tunnel {
  /** `example.com:443`, as sent. */
  readonly target: string;
  /** What came behind the request. */
  readonly rest: Buffer;
}

export class Http1Session {
  private readonly reader = new Http1RequestReader();
  private readonly outgoing: Outgoing;
  private readonly stillness: Stillness | undefined;
  private readonly requestBytes: RequestBytes | undefined;
  private request: Request | undefined;
  /** The last request that was one chunk. Who asks for the same again mostly sends the same bytes, which need no reading. */
  private lastRequest: Request | undefined;
  private started = 0;
  private awaitsContinue = false;
  private websocket: WebsocketSession | undefined;
  private answering = false;
  private timedOut = false;
  private isOver = false;
  private tunnel: string | undefined;
  /** Whether the client has sent anything. */
  hasReceived = false;

  /** @param tls undefined when the connection is not encrypted */
  constructor(
    private readonly service: Service,
    private readonly duplex: Duplex,
    private readonly remote: RemoteAddress,
    private readonly tls: TlsFacts | undefined,
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

  /**
   * Serves until either side closes, or a tunnel is granted. Never rejects: what goes wrong is logged.
   * @param first what was read from the stream already
   */
  async run(first?: Buffer): Promise<Tunnel | undefined> {
    let rest = nothing;
    try {
      const pumped = await pump(this.duplex, this.receive, first);
      if (pumped.how === 'stopped') rest = pumped.rest;
      this.noteEnding(pumped);
    } catch (error) {
      const isExpected = error instanceof ProtocolError || error instanceof RenderError;
      this.note(isExpected ? error.message : `Internal error: ${String(error)}`);
    }
    this.stillness?.stop();
    this.isOver = true;
    this.service.settled();
    const target = this.tunnel;
    return target === undefined ? undefined : { target, rest: Buffer.concat([this.reader.detach(), rest]) };
  }

  private readonly receive = (chunk: Buffer): Consumed | Promise<Consumed> => {
    this.stillness?.touch();
    this.hasReceived = true;
    // After our end there is nothing to answer with; what comes in is read, and that is all.
    if (this.outgoing.isHalfClosed) return undefined;
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
    if (this.lastRequest !== undefined && chunk.equals(this.lastRequest.head.bytes) && !this.reader.midMessage) {
      this.started = this.service.clock.now();
      return this.answer(this.lastRequest);
    }
    this.reader.receive(chunk);
    const consumed = this.advance();
    if (this.request?.head.isAllOf(chunk)) this.lastRequest = this.request;
    return consumed;
  }

  /** Answers what has been read. */
  private advance(): Consumed | Promise<Consumed> {
    while (!this.outgoing.isHalfClosed) {
      const event = this.reader.next();
      if (event === undefined) {
        if (!this.awaitsContinue) return undefined;
        this.awaitsContinue = false;
        return this.outgoing.tell(continueResponse);
      }
      if (event.type === 'head') {
        this.request = requestOf(event.head);
        // RFC 9110, section 9.3.6: a CONNECT has no content, whatever its fields say. What follows is the tunnel's.
        if (this.request.isConnect) return this.connect(this.request);
        this.started = this.service.clock.now();
        this.awaitsContinue = event.framing.by !== 'none' && expectsContinue(event.head.values('expect'));
      } else if (event.type === 'end') {
        const consumed = this.request === undefined ? undefined : this.answer(this.request);
        if (consumed !== undefined) return consumed;
      } else {
        // The body has begun to arrive, so the client does not wait for leave to send it.
        this.awaitsContinue = false;
      }
    }
    return undefined;
  }

  /** Answers one request; when that takes time, what has been read behind it as well. */
  private answer(request: Request): Consumed | Promise<Consumed> {
    const answer = this.prepare(request);
    const ending = this.outgoing.send(answer.serving);
    if (ending instanceof Promise) return ending.then((how) => this.answered(request, answer, how) ?? this.advance());
    return this.answered(request, answer, ending);
  }

  /** Grants a tunnel, at whose other end we are ourselves: what comes in it is for the next session. */
  private connect({ head }: Request): 'stop' | Promise<'stop'> {
    this.service.tell(`CONNECT ${head.targetText}: granted`);
    const granted = (consumed: Consumed): 'stop' => {
      if (consumed === undefined) this.tunnel = head.targetText;
      return 'stop';
    };
    const told = this.outgoing.tell(connectResponse);
    return told instanceof Promise ? told.then(granted) : granted(told);
  }

  /** The message that answers, or the error page in its place. */
  private prepare({ path, websocketKey }: Request): Answer {
    const route = this.service.router.route(path, websocketKey !== undefined);
    if (route.recipe === undefined) return this.errorPage(route.page);
    try {
      const serving = route.recipe.serve(websocketKey);
      const reason = objectionTo(this.service.policy, serving);
      if (reason !== undefined) return this.errorPage(refused(reason));
      return { serving, refusal: undefined, remark: undefined };
    } catch (error) {
      return this.errorPage(pageFor(error));
    }
  }

  private errorPage({ servable, refusal, remark }: ErrorPage): Answer {
    return { serving: servable.serve(this.service.seed), refusal, remark };
  }

  private answered(request: Request, answer: Answer, ending: Ending): Consumed | Promise<Consumed> {
    const { serving, refusal, remark } = answer;
    const sent = this.outgoing.sent(serving.served, this.started, ending);
    const requestBytes = this.requestBytes?.take(this.reader.waiting);
    this.service.log(new ExchangeEntry(request.head, this.remote, this.tls, sent, refusal, remark, requestBytes));
    throwFailure(ending);
    if (ending === 'peer-left') this.note('Disconnect');
    if (ending === 'half-closed') return undefined;
    if (ending !== 'done' || refusal !== undefined) return 'stop';
    return request.websocketKey === undefined ? undefined : this.becomeWebsocket();
  }

  /** From a handshake on, whatever answered it, the client sends frames. */
  private becomeWebsocket(): Consumed | Promise<Consumed> {
    this.websocket = new WebsocketSession(this.service, this.outgoing, this.tls);
    const rest = this.reader.detach();
    return rest.length > 0 ? this.websocket.receive(rest) : undefined;
  }
}

function planOf(text: string): Plan {
  const bytes = Buffer.from(text, 'latin1');
  return { segments: [bytes], actions: [], length: bytes.length, fixed: true };
}

/** The first bytes of a TLS record that holds a handshake (RFC 8446, section 5.1). */
function isClientHello(chunk: Buffer): boolean {
  return chunk[0] === 0x16 && chunk[1] === 0x03;
}
