/** The intercepting proxy: every exchange between clients and servers is seen, kept, written and read back exactly. */
export { Proxy } from './proxy.js';
export type { Recording } from './proxy.js';
export type { FlowChoice } from './held-flows.js';
export type { ProxyAddress } from './proxy-address.js';
export type { ProxyOptions, ProxyPorts } from './proxy-options.js';
export type { ProxyInput, ProxyValues } from './options.js';
export type { RecorderOptions } from './recorder.js';
export type { SaveOptions } from './save-flows.js';
export type { FlowOrder, FlowOrdering } from './flow-order.js';
export type { ProxyMode, ReverseScheme } from './mode.js';

export { OptionError } from '../errors.js';
export type { Option, OptionTable } from '../options/define.js';
export type { Addon, AddonContext } from './hooks/addon.js';
export { defineCommand } from './hooks/command.js';
export type { Command, CommandParameter } from './hooks/command.js';
export type { Loader } from './hooks/loader.js';
export type { Hook, ScriptContext } from './scripts/script-context.js';
export type { ScriptLoader } from './scripts/script-loader.js';
export type { FlowHookName, HookName, HookTable } from './hooks/hook-table.js';
export type {
  LayerKind,
  LogEntry,
  LogLevel,
  NextLayerData,
  ServerConnectionData,
  Socks5AuthData,
  TlsClientHelloData,
  TlsData,
} from './hooks/hook-data.js';
export { Log } from './hooks/log.js';

export type { Flow } from './flow/flow.js';
export { HttpFlow } from './flow/http-flow.js';
export { TcpFlow, UdpFlow } from './flow/stream-flow.js';
export type { StreamMessage } from './flow/stream-flow.js';
export { DnsFlow } from './flow/dns-flow.js';
export type { DnsMessage, DnsQuestion, DnsRecord } from './flow/dns-message.js';
export { decodeDns, encodeDns } from './flow/dns-wire.js';
export type { FlowError } from './flow/flow-error.js';
export { ClientConnection, ServerConnection } from './flow/connection.js';
export type { Address, TransportProtocol, Via } from './flow/connection.js';
export { WebSocketData, WebSocketMessage } from './flow/websocket.js';
export { maximumDecoded } from './message/content-coding.js';
export { Headers } from './message/headers.js';
export type { HeadersInit } from './message/headers.js';
export type { MessageInit, StreamFilter, StreamPiece } from './message/message.js';
export { Request } from './message/request.js';
export type { FirstLineFormat, RequestInit } from './message/request.js';
export { Response } from './message/response.js';
export type { ResponseInit } from './message/response.js';
export { MultiView } from './message/multi-view.js';

export { readFlowFile, readFlows } from './storage/flow-file.js';
export { FlowFileWriter } from './flow-file-writer.js';
export type { FlowFileOptions } from './flow-file-writer.js';
export { harOf } from './storage/har-export.js';
export { flowsOfHar } from './storage/har-import.js';
export type { FlowLayout } from './storage/layout.js';
export { compileFilter } from './filter/filter.js';
export type { FilterOptions, FilterVersion } from './filter/filter.js';

export { injectTcpMessage } from './tcp-relay.js';
export { injectWebSocketMessage } from './websocket-relay.js';
