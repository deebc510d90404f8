import { describe, expect, it } from 'vitest';
import { acceptSnakeNames } from '../../../src/proxy/scripts/snake-names.js';
import { dnsFlow, httpFlow, tcpFlow, webSocketFlow } from '../../../src/proxy/testing/index.js';

acceptSnakeNames();
acceptSnakeNames();

/** The value that a path of names leads to: `request.pretty_url`. */
function at(from: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown>)[name], from);
}

describe('flows have the names of the documentation of mitmproxy', () => {
  const flow = httpFlow({ request: { url: 'https://example.com/a/b?c=d' }, response: { statusCode: 204 } });

  it.each([
    ['request.pretty_url', 'request.prettyUrl'],
    ['request.pretty_host', 'request.prettyHost'],
    ['request.http_version', 'request.httpVersion'],
    ['request.path_components', 'request.pathComponents'],
    ['request.first_line_format', 'request.firstLineFormat'],
    ['request.raw_content', 'request.rawContent'],
    ['request.timestamp_start', 'request.timestampStart'],
    ['request.is_http11', 'request.isHttp11'],
    ['response.status_code', 'response.statusCode'],
    ['client_conn', 'clientConn'],
    ['server_conn.tls_established', 'serverConn.tlsEstablished'],
    ['server_conn.timestamp_tcp_setup', 'serverConn.timestampTcpSetup'],
    ['client_conn.cipher_list', 'clientConn.cipherList'],
    ['is_replay', 'isReplay'],
  ])('%s is %s', (snake, camel) => {
    expect(at(flow, snake)).toEqual(at(flow, camel));
  });

  it('for what is set, and for what is called', () => {
    const other = httpFlow({ response: { statusCode: 200 } }) as unknown as Record<string, Record<string, never>>;
    Object.assign(other['response'] ?? {}, { status_code: 404 });
    const request = other['request'] as unknown as Record<'get_text' | 'set_text', (text?: string) => unknown>;
    request.set_text('hello');
    expect(request.get_text()).toBe('hello');
    expect(at(other, 'response.statusCode')).toBe(404);
    expect(at(other, 'request.headers.get_all')).toBeTypeOf('function');
  });

  it('for those of all types', () => {
    expect(at(webSocketFlow(), 'websocket.messages.0.from_client')).toBe(true);
    expect(at(webSocketFlow(), 'websocket.closed_by_client')).toBe(at(webSocketFlow(), 'websocket.closedByClient'));
    expect(at(tcpFlow(), 'client_conn.peername')).toBeDefined();
    expect(at(dnsFlow(), 'timestamp_start')).toBeTypeOf('number');
  });

  it('that nobody meets who looks for none', () => {
    expect(Object.keys(flow).filter((name) => name.includes('_'))).toEqual([]);
    for (const name in flow.request) expect(name).not.toContain('_');
    expect(flow.request.clone()).toEqual(flow.request);
  });
});
