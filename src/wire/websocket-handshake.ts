/** The WebSocket opening handshake (RFC 6455, section 4). */
import { createHash } from 'node:crypto';
import type { HeaderFields } from './headers.js';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455, section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash('sha1')
    .update(key + guid, 'latin1')
    .digest('base64');
}

/**
 * The key of a handshake, or undefined when these fields make none. As the ancestor sees it: Connection
 * contains "upgrade", Upgrade is "websocket", and there is a key or an accept field; method and version
 * do not matter. A response's fields give an empty key.
 */
export function handshakeKey(headers: HeaderFields): string | undefined {
  const upgrades = headers.getAll('connection').some((value) => value.toLowerCase().includes('upgrade'));
  const toWebsocket = headers.getAll('upgrade').some((value) => value.toLowerCase() === 'websocket');
  if (!upgrades || !toWebsocket) return undefined;
  const key = headers.get('sec-websocket-key');
  return key ?? (headers.has('sec-websocket-accept') ? '' : undefined);
}
