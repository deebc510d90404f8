import type { FlowFilter } from '../filter/operator.js';
import type { DnsFlow } from '../flow/dns-flow.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import { encodeUtf8 } from '../message/utf8.js';
import { viewNameOf } from '../views/views.js';
import { readDumperFilter } from './dumper-filter.js';
import { dumperOptions } from './dumper-options.js';
import type { DumperValues } from './dumper-options.js';
import {
  dnsErrorText,
  dnsResponseText,
  httpText,
  streamErrorText,
  streamMessageText,
  webSocketEndText,
  webSocketMessageText,
} from './flow-text.js';
import type { FlowTextSettings } from './flow-text.js';
import { plainPaint, terminalPaint } from './paint.js';

/** Where flows are printed. */
export interface DumpTarget {
  /** Takes UTF-8; what was no UTF-8 in a message is none here. */
  write(text: Buffer): unknown;
  /** Whether it shows colours. */
  readonly isTerminal: boolean;
  /** Characters in a line; asked for each flow, since windows change. */
  columns(): number;
}

/** The part of what addons are given that the dumper needs. The values are those that its table declares. */
interface DumpContext {
  readonly options: Readonly<Record<string, unknown>>;
}

/** Lines of a body at detail 3, as in the ancestor, unless the option that is meant for this is changed. */
const usualLines = 70;

/** An addon that prints flows as they come, in the layout of mitmdump. */
export class Dumper {
  readonly name = 'dumper';
  readonly options = dumperOptions;
  private matches: FlowFilter | undefined;

  constructor(private readonly target: DumpTarget) {}

  /** @throws {OptionError} when the filter is none */
  configure(updated: ReadonlySet<string>, context: DumpContext): void {
    if (updated.has('dumperFilter')) this.matches = readDumperFilter(valuesOf(context).dumperFilter);
  }

  isIdle(context: DumpContext): boolean {
    return valuesOf(context).flowDetail === 0;
  }

  response(flow: HttpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => httpText(flow, settings));
  }

  error(flow: HttpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => httpText(flow, settings));
  }

  httpConnectError(flow: HttpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => httpText(flow, settings));
  }

  websocketMessage(flow: HttpFlow, context: DumpContext): void {
    const message = flow.websocket?.messages.at(-1);
    if (message !== undefined) this.print(flow, context, (settings) => webSocketMessageText(flow, message, settings));
  }

  websocketEnd(flow: HttpFlow, context: DumpContext): void {
    const { websocket } = flow;
    if (websocket !== undefined) this.print(flow, context, (settings) => webSocketEndText(flow, websocket, settings));
  }

  tcpMessage(flow: TcpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => streamMessageText(flow, settings));
  }

  tcpError(flow: TcpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => streamErrorText(flow, settings));
  }

  udpMessage(flow: UdpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => streamMessageText(flow, settings));
  }

  udpError(flow: UdpFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => streamErrorText(flow, settings));
  }

  dnsResponse(flow: DnsFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => dnsResponseText(flow, settings));
  }

  dnsError(flow: DnsFlow, context: DumpContext): void {
    this.print(flow, context, (settings) => dnsErrorText(flow, settings));
  }

  private print(flow: Flow, context: DumpContext, textOf: (settings: FlowTextSettings) => string): void {
    const values = valuesOf(context);
    if (values.flowDetail === 0 || this.matches?.(flow) === false) return;
    const cutoff = values.contentViewLinesCutoff;
    const text = textOf({
      detail: values.flowDetail,
      showHost: values.showhost,
      view: viewNameOf(values.dumperDefaultContentview),
      linesLimit: cutoff === dumperOptions.contentViewLinesCutoff.default ? usualLines : cutoff,
      columns: this.target.columns(),
      paint: this.target.isTerminal ? terminalPaint : plainPaint,
    });
    this.target.write(encodeUtf8(text));
  }
}

/** The values of the options that this addon declares. */
function valuesOf({ options }: DumpContext): DumperValues {
  // Who loads an addon declares its options, and checks their values, before anything else is called.
  return options as unknown as DumperValues;
}
