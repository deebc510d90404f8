/** HTTP/2 clients under test. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { parseHttp2Requests, Random } from '../../src/language/index.js';
import { noFiles } from '../../src/language/settings.js';
import { systemClock } from '../../src/net/clock.js';
import { Http2Client } from '../../src/pathoc/http2-client.js';
import type { Http2ClientOptions, Http2Exchange } from '../../src/pathoc/http2-client.js';
import type { Http2Arrival } from '../../src/pathoc/http2-arrivals.js';
import type { ExchangeOptions } from '../../src/pathoc/exchange.js';
import { describeHttp2Frame } from '../../src/wire/describe-http2-frame.js';

/** A client of a port, destroyed when the test that made it is over. */
export function http2Client(port: number, options: Partial<Http2ClientOptions> = {}): TestClient {
  return over(connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }), port, options);
}

/** A client on any stream. */
export function over(duplex: Duplex, port: number, options: Partial<Http2ClientOptions> = {}): TestClient {
  const client = new Http2Client(duplex, {
    host: '127.0.0.1',
    port,
    scheme: 'http',
    clock: systemClock,
    signal: new AbortController().signal,
    files: noFiles,
    ...options,
  });
  onTestFinished(() => {
    client.destroy();
  });
  return new TestClient(client);
}

/** A client that tells in brief. */
export class TestClient {
  private sent = 0;

  constructor(readonly client: Http2Client) {}

  /** Sends messages, and gives the exchanges. */
  async exchanges(spec: string, options: ExchangeOptions = {}): Promise<Http2Exchange[]> {
    const all: Http2Exchange[] = [];
    for (const message of parseHttp2Requests(spec)) {
      const random = Random.fromSeed(this.sent++);
      all.push(await this.client.exchange(message, { maximumBody: 1024 * 1024, ...options, random }));
    }
    return all;
  }

  /** Sends messages, waits for the answers to raw frames, and tells all that came. */
  async story(spec: string, options: ExchangeOptions = {}): Promise<string[]> {
    const lines = (await this.exchanges(spec, options)).flatMap(told);
    try {
      for await (const { list } of this.client.answers()) lines.push(...list.map(arrival));
    } catch (error) {
      lines.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
    return lines;
  }
}

/** An exchange in brief: `103`, `200 body`, `ProtocolError: ...`. */
export function told({ informational, response, failure, disconnected, unsent, arrived }: Http2Exchange): string[] {
  return [
    ...arrived.list.map(arrival),
    ...informational.map(({ codeText }) => codeText),
    ...(response === undefined ? [] : [`${response.codeText} ${response.body.toString('latin1')}`]),
    ...(failure === undefined ? [] : [failure === 'timeout' ? failure : failure.message]),
    ...(disconnected ? ['disconnected'] : []),
    ...(unsent ? ['unsent'] : []),
  ];
}

/** An arrival in brief. */
export function arrival(one: Http2Arrival): string {
  if (one.type === 'frame') return describeHttp2Frame(one.frame);
  if (one.type === 'violation') return `stream ${one.streamId}: ${one.error.message}`;
  return `stream ${one.streamId}: ${one.response.codeText} ${one.response.body.toString('latin1')}`;
}
