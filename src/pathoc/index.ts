/** The crafting client as a library. */
export { Pathoc } from './client.js';
export type { Sent } from './client.js';
export type { ConnectOptions } from './connect-options.js';
export type { Exchange, ExchangeOptions } from './exchange.js';
export type { Http2Arrival, Http2Arrived } from './http2-arrivals.js';
export type { ReceivedHead, ReceivedResponse } from './response.js';
export { Transcript } from './transcript.js';
export { PeerTls } from '../net/peer-tls.js';
export { HeaderFields } from '../wire/headers.js';
export type { ReceivedFrame } from '../wire/websocket-frames.js';
