/** Writes flows to a file as they end. */
import { isError } from '../errors.js';
import { systemClock } from '../net/clock.js';
import type { Clock } from '../net/clock.js';
import { systemReason } from '../net/system-error.js';
import { compileFilter } from './filter/filter.js';
import type { DnsFlow } from './flow/dns-flow.js';
import type { Flow } from './flow/flow.js';
import type { HttpFlow } from './flow/http-flow.js';
import type { TcpFlow, UdpFlow } from './flow/stream-flow.js';
import type { Log } from './hooks/log.js';
import { FlowFileWriter } from './flow-file-writer.js';
import type { FlowFileOptions } from './flow-file-writer.js';
import { unwritable } from './unwritable.js';

/** How flows are recorded. */
export interface RecorderOptions extends Omit<FlowFileOptions, 'now' | 'onFailure'> {
  /** Default: the time of the machine. */
  readonly clock?: Clock | undefined;
  /** Only flows that match when they end are written. */
  readonly filter?: string | undefined;
}

/**
 * An addon that writes each flow when it ends, and those that are under way when the proxy stops. When the file takes
 * no more, that is one line of the log, and the traffic goes on. When it takes its time, flows wait for it.
 */
export class Recorder {
  readonly name = 'recorder';
  readonly keepsFlows = true;
  /** Flows that have begun and were not written. */
  private readonly open = new Set<Flow>();

  private constructor(
    private path: string,
    private matches: (flow: Flow) => boolean,
    private writer: FlowFileWriter,
    private readonly log: Log,
  ) {}

  /**
   * Opens the file. Directories that are missing are made. What stands in it is lost, unless it is appended to; a
   * flow at its end that is not whole is taken out then.
   * @throws {FilterError} when the filter is not valid
   * @throws {OptionError} when the file cannot be written, or there is no such layout
   */
  static async open(path: string, options: RecorderOptions, log: Log): Promise<Recorder> {
    const matches = matcherOf(options.filter);
    return new Recorder(path, matches, await openLogged(path, options, log), log);
  }

  /**
   * Goes on in another file: flows that end once it is open are written there.
   * @throws {OptionError} when the file cannot be written; everything is as before then
   */
  async moveTo(path: string, options: RecorderOptions): Promise<void> {
    const before = this.writer;
    this.writer = await openLogged(path, options, this.log);
    this.path = path;
    await before.close().catch(toldAlready);
  }

  /** Writes the flows that match from now on. @throws {FilterError} when the filter is not valid */
  filterBy(filter: string | undefined): void {
    this.matches = matcherOf(filter);
  }

  requestheaders(flow: HttpFlow): void {
    this.open.add(flow);
  }

  /** A WebSocket begins with a response, and is written when it is closed. */
  response(flow: HttpFlow): Promise<void> | undefined {
    return flow.opensWebSocket ? undefined : this.end(flow);
  }

  error(flow: HttpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  httpConnectError(flow: HttpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  websocketEnd(flow: HttpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  tcpStart(flow: TcpFlow): void {
    this.open.add(flow);
  }

  tcpEnd(flow: TcpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  tcpError(flow: TcpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  udpStart(flow: UdpFlow): void {
    this.open.add(flow);
  }

  udpEnd(flow: UdpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  udpError(flow: UdpFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  dnsRequest(flow: DnsFlow): void {
    this.open.add(flow);
  }

  dnsResponse(flow: DnsFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  dnsError(flow: DnsFlow): Promise<void> | undefined {
    return this.end(flow);
  }

  /** The proxy stops whatever becomes of the file. */
  async done(): Promise<void> {
    await this.close().catch(toldAlready);
  }

  /** Settles when every flow that has ended is with the operating system. @throws {OptionError} when that failed */
  async flush(): Promise<void> {
    await this.named(this.writer.flush());
  }

  /**
   * Writes the flows that are under way, and closes the file. May be called again.
   * @throws {OptionError} when a flow could not be written
   */
  async close(): Promise<void> {
    for (const flow of this.open) void this.write(flow);
    this.open.clear();
    await this.named(this.writer.close());
  }

  private named(written: Promise<void>): Promise<void> {
    return written.catch((error: unknown) => {
      throw unwritable(this.path, error);
    });
  }

  private end(flow: Flow): Promise<void> | undefined {
    this.open.delete(flow);
    return this.write(flow);
  }

  /** @returns what to wait for, when too much waits to be written */
  private write(flow: Flow): Promise<void> | undefined {
    try {
      if (!this.matches(flow)) return undefined;
      return this.writer.write(flow);
    } catch (error) {
      // Such as a flow that this version of the file has no place for.
      this.log.error(`a flow was not written to ${this.path}: ${isError(error) ? error.message : String(error)}`);
      return undefined;
    }
  }
}

/** What has failed was told to the log when it failed. */
function toldAlready(): void {
  // Nothing is left to do.
}

function matcherOf(filter: string | undefined): (flow: Flow) => boolean {
  return filter === undefined || filter === '' ? () => true : compileFilter(filter);
}

/** Opens a file; what is to be told of it goes to the log. */
async function openLogged(path: string, options: RecorderOptions, log: Log): Promise<FlowFileWriter> {
  const { clock = systemClock } = options;
  const onFailure = (error: Error): void => {
    log.error(`flows cannot be written to ${path} any more: ${systemReason(error).reason}`);
  };
  const writer = await openWriter(path, { ...options, now: () => clock.now(), onFailure });
  if (writer.removed > 0) {
    log.warn(`${path} ended within a flow: the last ${String(writer.removed)} bytes were taken out of it`);
  }
  return writer;
}

async function openWriter(path: string, options: FlowFileOptions): Promise<FlowFileWriter> {
  try {
    return await FlowFileWriter.open(path, options);
  } catch (error) {
    throw unwritable(path, error);
  }
}
