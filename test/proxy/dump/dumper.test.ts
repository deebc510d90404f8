import { describe, expect, it } from 'vitest';
import { ClientConnection, ServerConnection } from '../../../src/proxy/flow/connection.js';
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { WebSocketData } from '../../../src/proxy/flow/websocket.js';
import { Request } from '../../../src/proxy/message/request.js';
import { Response } from '../../../src/proxy/message/response.js';
import { printedFlows } from '../../kit/printed-flows.js';

const clientConn = Object.assign(new ClientConnection(), { peername: ['127.0.0.1', 22] });
const serverConn = Object.assign(new ServerConnection(), { address: ['h', 80] });

function exchange(url = 'http://h/x', response: Response | undefined = Response.make(200, 'ok', { a: 'b' })): HttpFlow {
  const flow = new HttpFlow(Request.make('GET', url), { clientConn, serverConn });
  flow.response = response;
  return flow;
}

const text = async (...args: Parameters<typeof printedFlows>): Promise<string> =>
  (await printedFlows(...args)).toString('utf8');

describe('the dumper', () => {
  it('tells more at each detail', async () => {
    const at = (flowDetail: number): Promise<string> => text([exchange()], { flowDetail });
    const line = '127.0.0.1:22: GET http://h/x\n';
    expect(await at(0)).toBe('');
    expect(await at(1)).toBe(`${line}           << 200 OK 2b\n`);
    expect(await at(2)).toBe(`${line}    content-length: 0\n << 200 OK 2b\n    a: b\n    content-length: 2\n`);
    const bodies = `${line}    content-length: 0\n\n << 200 OK 2b\n    a: b\n    content-length: 2\n\n    ok\n\n`;
    expect(await at(3)).toBe(bodies);
    expect(await at(4)).toBe(bodies);
  });

  it('cuts long bodies at detail 3, where it is told to', async () => {
    const flows = [exchange('http://h/', Response.make(200, 'x\n'.repeat(600)))];
    const lines = async (options: Parameters<typeof printedFlows>[1]): Promise<number> =>
      (await text(flows, options)).split('    x').length - 1;
    expect(await lines({ flowDetail: 3 })).toBe(70);
    expect(await lines({ flowDetail: 3, contentViewLinesCutoff: 5 })).toBe(5);
    expect(await lines({ flowDetail: 4, contentViewLinesCutoff: 5 })).toBe(600);
    expect(await text(flows, { flowDetail: 3, contentViewLinesCutoff: 1 })).toContain('    x\n    (cut off)\n\n');
  });

  it('shows colours on terminals', async () => {
    const teapot = exchange('http://h/x', Response.make(418, ''));
    expect(await text([teapot], {}, { isTerminal: true })).toBe(
      '127.0.0.1:22: \x1b[32m\x1b[1mGET\x1b[0m \x1b[1mhttp://h/x\x1b[0m\n' +
        "          \x1b[1m <<\x1b[0m \x1b[31m\x1b[1m\x1b[5m418\x1b[0m \x1b[31m\x1b[1mI'm a teapot\x1b[0m \x1b[1m0b\x1b[0m\n",
    );
  });

  it('cuts long URLs to the width of the terminal, at detail 1', async () => {
    const flow = exchange(`http://h/${'a'.repeat(300)}`);
    const url = async (flowDetail: number, columns: number): Promise<string> =>
      /http\S*/.exec(await text([flow], { flowDetail }, { columns }))?.[0] ?? '';
    expect(await url(1, 100)).toBe(`http://h/${'a'.repeat(66)}…`);
    expect(await url(1, 10)).toBe(`http://h/${'a'.repeat(41)}…`);
    expect(await url(1, 400)).toBe(flow.request.url);
    expect(await url(2, 80)).toBe(flow.request.url);
  });

  it('shows the host of the Host header', async () => {
    const flow = exchange();
    flow.request.headers.set('host', 'example.com');
    expect(await text([flow], { showhost: true })).toContain('http://example.com/x');
  });

  it('tells of matching flows only', async () => {
    const flows = [exchange('http://h/one'), exchange('http://h/two')];
    expect(await text(flows, { dumperFilter: '~u two' })).not.toContain('one');
    await expect(text(flows, { dumperFilter: '~u (' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('shows bodies with the view that is asked for', async () => {
    expect(await text([exchange()], { flowDetail: 3, dumperDefaultContentview: 'hex' })).toContain('0000000000 6f 6b');
    const form = exchange('http://h/', Response.make(200, 'a=b'));
    expect(await text([form], { flowDetail: 3, dumperDefaultContentview: 'urlencoded' })).toMatch(/^ {4}a: b$/m);
  });

  it('marks what was replayed', async () => {
    const sent = Object.assign(exchange(), { isReplay: 'request' as const });
    const answered = Object.assign(exchange(), { isReplay: 'response' as const });
    expect(await text([sent, answered], {})).toBe(
      '[replay]: GET http://h/x\n           << 200 OK 2b\n127.0.0.1:22: GET http://h/x\n[replay]   << 200 OK 2b\n',
    );
  });

  it('sends no control characters to the terminal', async () => {
    const flow = exchange('http://h/', Response.make(200, '\x1b[1m', { 'x\x1b': '\x07' }));
    Object.assign(flow.request, { path: '/\x1b', rawMethod: 'G\x1bT', httpVersion: 'HTTP/\x1b' });
    flow.response!.reason = '\x1b';
    flow.error = { message: '\x1b', timestamp: 1 };
    flow.websocket = Object.assign(new WebSocketData(), { closeCode: 4000, closeReason: '\x1b' });
    const tcp = Object.assign(new TcpFlow({ clientConn, serverConn }), { error: flow.error });
    expect(await text([flow, tcp], { flowDetail: 4 })).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
  });

  it('writes bytes that are no text as they were', async () => {
    const flow = exchange('http://h/');
    flow.request.path = '/?a=%ff';
    expect((await printedFlows([flow], { flowDetail: 3 })).includes(Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]))).toBe(
      true,
    );
  });
});
