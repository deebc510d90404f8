import { describe, expect, it } from 'vitest';
import { rawServer } from '../kit/raw-server.js';
import type { RawServer } from '../kit/raw-server.js';
import type { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Response } from '../../src/proxy/message/response.js';
import { http1Host, routeTo } from './http1-host.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** Answers every head with the same bytes. */
function answering(answer = ok): Promise<RawServer> {
  return rawServer((peer) => {
    let seen = 0;
    peer.socket.on('data', () => {
      const heads = peer.text.split('\r\n\r\n').length - 1;
      for (; seen < heads; seen++) peer.send(answer);
    });
  });
}

describe('requests to a proxy', () => {
  it('say where they go, and the server gets a path', async () => {
    const server = await answering();
    const host = await http1Host();
    const client = await host.client();
    const rest =
      ' HTTP/1.1\r\nhOst:  x.y \r\nA:1\r\na: 2\r\nB: x\r\n folded\r\nProxy-Connection: keep-alive\r\nC: \xe9\xff\r\n\r\n';
    client.send(`GET http://127.0.0.1:${String(server.port)}/a?b${rest}`);
    await client.until(ok);
    expect((await server.peer()).text).toBe(`GET /a?b${rest}`);
    expect(host.names()).toEqual(['requestheaders', 'request', 'responseheaders', 'response']);
    const { request, response, clientConn, serverConn, live, error } = await host.event('response');
    expect([request.url, request.authority, request.firstLineFormat]).toEqual([
      `http://127.0.0.1:${String(server.port)}/a?b`,
      '',
      'relative',
    ]);
    expect(response?.text).toBe('hi');
    expect(serverConn.address).toEqual(['127.0.0.1', server.port]);
    expect(clientConn.peername?.[0]).toBe('127.0.0.1');
    expect([live, error]).toEqual([false, undefined]);
    const times = [request.timestampStart, request.timestampEnd, response?.timestampStart, response?.timestampEnd];
    expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  });

  it('that are a path go where their Host field says', async () => {
    const server = await answering();
    const client = await (await http1Host()).client();
    const request = `GET /a HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\n\r\n`;
    await client.send(request).until(ok);
    expect((await server.peer()).text).toBe(request);
  });

  it('that do not say it are told that this is a proxy, unless an addon answers', async () => {
    const host = await http1Host({
      addons: [
        {
          request: (flow: HttpFlow) => {
            if (flow.request.path === '/page') flow.response = Response.make(200, 'page');
          },
        },
      ],
    });
    const client = await host.client();
    await client.send('GET /page HTTP/1.1\r\n\r\n').until('page');
    await client.send('GET / HTTP/1.1\r\n\r\n').untilEnd();
    expect(client.text).toContain('HTTP/1.1 400 Bad Request\r\n');
    expect(client.text).toContain('This is a proxy');
    expect(host.names().slice(-3)).toEqual(['requestheaders', 'request', 'error']);
  });

  it('are sent with the whole URL to a proxy that is asked in turn', async () => {
    const proxy = await answering();
    const host = await http1Host({ route: { via: ['http', ['127.0.0.1', proxy.port]] } });
    const client = await host.client();
    await client.send('GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n').until(ok);
    await client.send('GET /y HTTP/1.1\r\nHost: b.test:99\r\n\r\n').until((all) => all.length === 2 * ok.length);
    expect((await proxy.peer(0)).text).toBe('GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n');
    expect((await proxy.peer(1)).text).toBe('GET http://b.test:99/y HTTP/1.1\r\nHost: b.test:99\r\n\r\n');
  });
});

describe('requests whose way is known', () => {
  it('go through a tunnel of the proxy in between', async () => {
    const proxy = await rawServer((peer) => {
      void peer
        .until('\r\n\r\n')
        .then(() => peer.send('HTTP/1.1 200 OK\r\n\r\n').until('GET'))
        .then(() => peer.send(ok));
    });
    const via = ['http', ['127.0.0.1', proxy.port]] as const;
    const fixed = { address: ['a.test', 80], tls: false, sni: undefined, via, tunnel: true } as const;
    const client = await (await http1Host({ route: { fixed } })).client();
    await client.send('GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n').until(ok);
    expect((await proxy.peer()).text).toMatch(/^CONNECT a\.test:80 .*\r\n\r\nGET \/x HTTP\/1\.1\r\n/s);
  });

  it('keep a target that is a whole URL, and everything else', async () => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send('GET http://q.test:99/a HTTP/1.1\r\nHost: x\r\n\r\n').until(ok);
    expect((await server.peer()).text).toBe('GET http://q.test:99/a HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await host.event('request')).request.url).toBe(`http://127.0.0.1:${String(server.port)}/a`);
  });

  it.each([
    ['A: 1\r\nhOst:  x.y \r\nB: 2\r\n', 'A: 1\r\nhOst:  ADDRESS \r\nB: 2\r\n'],
    ['A: 1\r\n', 'A: 1\r\nHost: ADDRESS\r\n'],
    ['', 'Host: ADDRESS\r\n'],
    ['Host: a\r\nB: 2\r\nhost: b\r\n', 'Host: ADDRESS\r\nB: 2\r\n'],
  ])('have their Host field rewritten in reverse mode: %j', async (sent, received) => {
    const server = await answering();
    const host = await http1Host({ route: { ...routeTo(server.port), rewritesHost: true } });
    await (await host.client()).send(`GET / HTTP/1.1\r\n${sent}\r\n`).until(ok);
    const address = `127.0.0.1:${String(server.port)}`;
    expect((await server.peer()).text).toBe(`GET / HTTP/1.1\r\n${received.replace('ADDRESS', address)}\r\n`);
  });

  it('are not CONNECT', async () => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send('CONNECT a.test:443 HTTP/1.1\r\n\r\n').untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 502 .*CONNECT is for proxies/s);
    expect(host.names()).toEqual(['response']);
    const { request, response, error, serverConn } = await host.event('response');
    expect([request.scheme, request.authority, request.host, request.rawContent]).toEqual([
      ...['', 'a.test:443', 'a.test'],
      undefined,
    ]);
    expect([response?.statusCode, error, serverConn.address]).toEqual([502, undefined, ['127.0.0.1', server.port]]);
  });
});

describe('connections', () => {
  it('carry one request after the other, over one connection to the server', async () => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    for (let i = 1; i <= 3; i++) {
      await client.send(`GET /${String(i)} HTTP/1.1\r\nHost: a\r\n\r\n`).until((all) => all.length === i * ok.length);
    }
    expect(server.peers).toHaveLength(1);
    client.end();
    await host.settled();
    expect(host.hooks.filter((hook) => hook.startsWith('server'))).toEqual([
      'serverConnect',
      'serverConnected',
      'serverDisconnected',
    ]);
  });

  it('answer pipelined requests in their order', async () => {
    const server = await rawServer((peer) => {
      peer.socket.on('data', (head: Buffer) => {
        const path = /^GET (\S+)/.exec(head.toString())?.[1] ?? '';
        peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${String(path.length)}\r\n\r\n${path}`);
      });
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    client.send(['/1', '/22', '/333'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    await client.until('/333');
    expect(client.text.replaceAll(/HTTP.*?\r\n\r\n/gs, ' ')).toBe(' /1 /22 /333');
  });

  it.each([
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', ok],
    ['GET / HTTP/1.0\r\n\r\n', ok],
    ['GET / HTTP/1.1\r\n\r\n', ok.replace('\r\n', '\r\nConnection: close\r\n')],
    ['GET / HTTP/1.1\r\n\r\n', ok.replace('1.1', '1.0')],
  ])('end when either side says so: %j %j', async (request, answer) => {
    const server = await answering(answer);
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send(request).untilEnd();
    expect(client.text).toBe(answer);
    expect((await server.peer()).text).toBe(request);
  });

  it('of HTTP/1.0 are kept when both sides say so', async () => {
    const answer = ok.replace('1.1', '1.0').replace('\r\n', '\r\nConnection: keep-alive\r\n');
    const server = await answering(answer);
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    const request = 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n';
    await client.send(request).until('hi');
    await client.send(request).until((all) => all.length === 2 * answer.length);
    expect(server.peers).toHaveLength(1);
  });

  it('end with a response that ends with its connection', async () => {
    const server = await rawServer((peer) => {
      peer.send('HTTP/1.1 200 OK\r\nX: 1\r\n\r\nhi').end();
    });
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send('GET / HTTP/1.1\r\n\r\n').untilEnd();
    expect(client.text).toBe('HTTP/1.1 200 OK\r\nX: 1\r\n\r\nhi');
  });

  it('go on after a request whose body nobody read', async () => {
    const host = await http1Host({
      addons: [
        {
          requestheaders: (flow: HttpFlow) => {
            flow.response = Response.make(403, 'no');
          },
        },
      ],
    });
    const client = await host.client();
    const request = 'POST http://a.test/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc';
    await client.send(request + request).until((all) => all.toString().split('\r\n\r\nno').length === 3);
  });
});

describe('bad requests', () => {
  it.each([
    ['GET\r\n\r\n', 'Bad HTTP request line', 0],
    ['GET http://u:p@a/ HTTP/1.1\r\n\r\n', 'Bad HTTP request line', 0],
    ['GET ftp://a/ HTTP/1.1\r\n\r\n', 'Bad HTTP request line', 0],
    ['CONNECT a.test HTTP/1.1\r\n\r\n', 'Bad HTTP request line', 0],
    ['GET / HTTP/1.1\r\n<script>\r\n\r\n', 'Invalid header line: b&#39;&lt;script&gt;', 0],
    ['GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n', 'Unparseable Content Length', 1],
    ['POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nabc', 'Unparseable Content Length', 1],
    ['POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 'Conflicting Content Length', 1],
    ['GET http://u:p@a/ HTTP/1.1\r\nContent-Length: x\r\n\r\n', 'Bad HTTP request line', 0],
    ['GET / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n', 'invalid Content-Length', 1],
    ['GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n', 'the end of the body cannot be known', 1],
    ['GET / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n', 'the end of the body cannot be known', 1],
    ['GET / HTTP/1.1\r\nA b: c\r\n\r\n', 'invalid name of a header field: b&#39;A b&#39;', 1],
    ['GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n', 'both Transfer-Encoding and', 1],
  ])('get a page and a line in the log: %j', async (request, why, flows) => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send(request).untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nServer: pathod [\d.]+\r\nConnection: close\r\n/);
    expect(client.text).toContain(why);
    expect(host.lines.join('\n')).toMatch(/^warn: 127\.0\.0\.1:\d+: bad request: /);
    expect(host.names()).toEqual(flows === 0 ? [] : ['requestheaders', 'error']);
    if (flows === 1) {
      const { request, response, error, live } = await host.event('error');
      expect([request.rawContent, request.timestampEnd, response, live]).toEqual([
        ...[undefined, undefined, undefined],
        false,
      ]);
      expect(error?.message).toContain(why.split(':')[0]);
    }
    expect(server.peers).toHaveLength(0);
  });

  it('with odd header fields pass when they are not to be validated', async () => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port), options: { validateInboundHeaders: false } });
    const request = 'GET / HTTP/1.1\r\nA b: c\r\nD : e\r\n\r\n';
    await (await host.client()).send(request).until(ok);
    expect((await server.peer()).text).toBe(request);
  });

  it('are not passed on, whatever an addon makes of them', async () => {
    const server = await answering();
    const act = ({ request }: HttpFlow): void => {
      request.stream = true;
    };
    const host = await http1Host({ route: routeTo(server.port), addons: [{ requestheaders: act }] });
    const client = await host.client();
    await client.send('POST / HTTP/1.1\r\nContent-Length: x\r\n\r\nabcGET / HTTP/1.1\r\n\r\n').untilEnd();
    expect(client.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(server.peers).toHaveLength(0);
  });

  it('are refused when they are CONNECT as well', async () => {
    const host = await http1Host();
    const client = await host.client();
    await client.send('CONNECT a.test:443 HTTP/1.1\r\nContent-Length: x\r\n\r\n').untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 400 .*Unparseable Content Length/s);
    expect(host.names()).toEqual(['httpConnect', 'httpConnectError']);
    expect(host.hooks).not.toContain('serverConnect');
  });

  it('have a flow with an error when their body is none', async () => {
    const server = await answering();
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n').untilEnd();
    expect(client.text).toMatch(/^HTTP\/1\.1 400 .*Invalid chunked encoding length/s);
    expect(host.names()).toEqual(['requestheaders', 'error']);
  });
});

describe('100 (Continue)', () => {
  const head = 'POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n';

  it('is said here, and not asked for there, when the body is gathered', async () => {
    const server = await rawServer((peer) => {
      void peer.until('hi').then(() => peer.send(`HTTP/1.1 100 Continue\r\n\r\n${ok}`));
    });
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send(head).until('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('hi').until(ok);
    expect((await server.peer()).text).toBe('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi');
    expect(client.text).toBe(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
  });

  it('is not said of a body that is larger than body_size_limit: the client is told at once', async () => {
    const streaming = {
      requestheaders: (flow: HttpFlow) => {
        flow.request.stream = true;
      },
    };
    for (const streamLargeBodies of [undefined, '1']) {
      for (const addons of [[], [streaming]]) {
        const host = await http1Host({ options: { bodySizeLimit: '1', streamLargeBodies }, addons });
        const client = await host.client();
        await client.send(head).untilEnd();
        expect(client.text).toMatch(/^HTTP\/1\.1 413 /);
        expect(host.names()).toEqual(['requestheaders', 'error']);
      }
    }
  });

  it('is said of one above stream_large_bodies', async () => {
    const server = await rawServer((peer) => {
      void peer.until('hi').then(() => peer.send(ok));
    });
    const host = await http1Host({
      route: routeTo(server.port),
      options: { streamLargeBodies: '1', bodySizeLimit: '2' },
    });
    const client = await host.client();
    await client.send(head).until('HTTP/1.1 100 Continue\r\n\r\n');
    await client.send('hi').until(ok);
    expect((await server.peer()).text).toBe('POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi');
  });

  it('is for the server to say when the body passes as it arrives', async () => {
    const server = await rawServer((peer) => {
      void peer
        .until('\r\n\r\n')
        .then(() => peer.send('HTTP/1.1 100 Go on\r\nA: b\r\n\r\n').until('hi'))
        .then(() => peer.send(ok));
    });
    const addon = {
      requestheaders: (flow: HttpFlow) => {
        flow.request.stream = true;
      },
    };
    const client = await (await http1Host({ route: routeTo(server.port), addons: [addon] })).client();
    await client.send(head).until('HTTP/1.1 100 Go on\r\nA: b\r\n\r\n');
    await client.send('hi').until(ok);
    expect((await server.peer()).text).toBe(`${head}hi`);
  });
});

describe('responses', () => {
  it('that are informational pass before the one that is final', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n';
    const server = await answering(hints + ok);
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    await client.send('GET / HTTP/1.1\r\n\r\n').until(hints + ok);
    await (await host.client()).send('GET / HTTP/1.0\r\n\r\n').untilEnd();
    const old = await host.client();
    await old.send('GET / HTTP/1.0\r\n\r\n').untilEnd();
    expect(old.text).toBe(ok);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No\r\nContent-Length: 99\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n'],
  ])('without a body leave the connection as it was: %s %j', async (method, answer) => {
    const server = await answering(answer);
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    for (let i = 1; i <= 2; i++) {
      await client.send(`${method} / HTTP/1.1\r\n\r\n`).until((all) => all.length === i * answer.length);
    }
    expect(client.text).toBe(answer + answer);
    expect(server.peers).toHaveLength(1);
  });

  it('in chunks become a length for a client of HTTP/1.0', async () => {
    const server = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n');
    const client = await (await http1Host({ route: routeTo(server.port) })).client();
    await client.send('GET / HTTP/1.0\r\n\r\n').untilEnd();
    expect(client.text).toBe('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi');
  });

  it('and requests keep their trailers', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nSum: 1\r\n\r\n';
    const server = await rawServer((peer) => {
      void peer.until('X-T').then(() => peer.send(answer));
    });
    const host = await http1Host({ route: routeTo(server.port) });
    const client = await host.client();
    const request = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: y\r\n\r\n';
    await client.send(request).until('Sum: 1\r\n\r\n');
    expect([client.text, (await server.peer()).text]).toEqual([answer, request]);
    const flow = await host.event('response');
    expect([flow.request.trailers?.get('x-t'), flow.response?.trailers?.get('sum')]).toEqual(['y', '1']);
  });
});
