/**
 * The two halves of an exchange, whatever version of HTTP carries each: the stream of a client, which gives a request
 * and takes a response, and the stream to a server, which takes a request and gives a response.
 *
 *     ClientStream --request--> exchange --request--> ServerStream
 *                  <-response--          <-response--
 *
 * Nothing here rejects for what the network does: what fails throws a ProtocolError or a ConnectionError where it is
 * read, and writing to a peer that has gone does nothing.
 */
import type { Duplex } from 'node:stream';
import type { ProtocolError } from '../errors.js';
import type { Clock } from '../net/clock.js';
import type { ServerConnection } from './flow/connection.js';
import type { Headers } from './message/headers.js';
import type { Request } from './message/request.js';
import type { Response } from './message/response.js';

/** A body as it arrives. Whoever stops reading stops the peer. */
export interface IncomingBody {
  /**
   * The next piece, never empty; undefined at the end.
   * @returns a promise only when it is still to come
   * @throws {ProtocolError} when the body is cut short, or not in its framing
   * @throws {ConnectionError} when the peer reset the stream or the connection
   */
  read(): Buffer | undefined | Promise<Buffer | undefined>;
  /** The trailer fields, once the end was read. */
  readonly trailers: Headers | undefined;
  /** Whether it is known before anything is read that there is nothing to read. */
  readonly isEmpty: boolean;
  /** How many bytes there will be, when the head tells. */
  readonly expectedSize: number | undefined;
}

/** A body as it is sent. */
export interface OutgoingBody {
  /**
   * @param isKept whether somebody keeps the piece. Otherwise its memory may be used again once it is sent. Default: true
   * @returns a promise when the peer is slower than we are: wait for it. It never rejects.
   */
  write(piece: Buffer, isKept?: boolean): void | Promise<void>;
  /** Ends the body. */
  end(trailers?: Headers): void | Promise<void>;
  /** Whether the peer has gone, or wants no more: what is written is lost. */
  readonly isLost: boolean;
}

/** A stream whose peer left: the side that is left knows by this why. */
export interface StreamEnding {
  /** In plain words, for the flow's error: `Client disconnected.` */
  readonly reason: string;
}

/** A connection that is given up for another protocol. */
export interface TakenOver {
  readonly duplex: Duplex;
  /** What was read from it already and belongs to the other protocol. */
  readonly rest: Buffer;
}

/** The client's side of one exchange. */
export interface ClientStream {
  /** The request, without its body. Host and port are those of the request alone: the exchange knows better. */
  readonly request: Request;
  readonly body: IncomingBody;
  /** Whether the client waits for 100 (Continue) before it sends its body (RFC 9110, section 10.1.1). */
  readonly expectsContinue: boolean;
  /** Why the request may not be passed on, though its head could be read. It has a flow, and a page as its answer. */
  readonly fault?: ProtocolError | undefined;
  /** Is called, once, when the client leaves before its exchange is over. */
  onAbort(listener: (ending: StreamEnding) => void): void;
  /** Sends a 1xx response. */
  sendInformational(response: Response): void;
  /**
   * Sends a response whose body is at hand, and ends the stream: the body is `rawContent`, framed as the headers say
   * or, where these do not fit it, so that it arrives.
   */
  sendWhole(response: Response): void | Promise<void>;
  /** Sends the head of a response whose body is to follow. */
  sendHead(response: Response): OutgoingBody;
  /** Ends the stream without a complete response, so that the client notices: a reset, or a closed connection. */
  abort(): void;
  /**
   * As {@link abort}, of a stream that has begun, but what was sent of the response arrives first.
   * @param clock for a client that takes nothing of it any more: it is not waited for without end
   * @returns when the stream is ended, or is about to be; never rejects
   */
  cut(clock: Clock): Promise<void>;
  /** Gives the connection to another protocol. HTTP/1 alone. */
  takeOver?(): TakenOver;
}

/** What a server answered. */
export interface ServerAnswer {
  readonly response: Response;
  readonly body: IncomingBody;
}

/** The server's side of one exchange. */
export interface ServerStream {
  readonly connection: ServerConnection;
  /** Whether another exchange used the connection before: when this one fails at once, it may be tried anew. */
  readonly isReused: boolean;
  /** Whether the server said that it has not looked at the request: any may be tried anew then. HTTP/2 alone. */
  readonly isUnhandled?: boolean;
  /** Whether anything of a response came, be it a 1xx or half a head: then the request is not tried anew. */
  readonly hasSpoken: boolean;
  /** Sends a request whose body is at hand: `rawContent`. */
  sendWhole(request: Request): void | Promise<void>;
  /** Sends the head of a request whose body is to follow. */
  sendHead(request: Request): OutgoingBody;
  /**
   * Reads the response. It may come before the request was sent.
   * @param onInformational is given each 1xx response before it
   * @throws {ProtocolError} for what is none
   * @throws {ConnectionError} when the server left or reset the stream
   */
  receive(onInformational: (response: Response) => void): ServerAnswer | Promise<ServerAnswer>;
  /** Tells that the exchange is over. Unless both messages were complete, the stream is reset, or the connection closed. */
  release(): void;
  /** Gives the connection to another protocol. HTTP/1 alone. */
  takeOver?(): TakenOver;
}
