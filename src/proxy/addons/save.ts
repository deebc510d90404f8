import { isOwnError, OptionError } from '../../errors.js';
import { expandHome } from '../../net/expand-home.js';
import type { OptionTable } from '../../options/define.js';
import { compileFilter } from '../filter/filter.js';
import type { DnsFlow } from '../flow/dns-flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import { isSameFile } from '../is-same-file.js';
import { Recorder } from '../recorder.js';
import { formatTime, readSavePath } from '../save-path.js';
import { appendFlows, saveFlows } from '../save-flows.js';
import { ownOptions } from './own-options.js';

const table = {
  saveStreamFile: {
    type: 'string',
    short: 'w',
    valueName: '[+]PATH',
    help: 'Write flows to this file as they end; with +, behind those that are in it. Directives such as %H begin a new file when the hour changes.',
  },
  saveStreamFilter: { type: 'string', valueName: 'FILTER', help: 'Write those alone that match.' },
} as const satisfies OptionTable;

/**
 * Writes flows to a file: the options `save_stream_file` and `save_stream_filter`. It comes behind all addons that
 * change flows.
 */
export class Save implements Addon {
  readonly name = 'save';
  readonly keepsFlows = true;
  readonly options = table;
  readonly commands = {
    'save.file': defineCommand(
      [
        { name: 'flows', type: 'flows' },
        { name: 'path', type: 'text' },
      ],
      'Write flows to a file; behind those that are in it when the path begins with +.',
      async (_, flows, spec) => {
        const { path, append } = readSavePath(spec);
        await (append ? appendFlows(flows, path) : saveFlows(flows, path, {}));
      },
    ),
  };
  private recorder: Recorder | undefined;
  /** The path with its directives, when there are any. */
  private pattern: string | undefined;
  /** The path now. */
  private path = '';
  private isAppending = false;
  private moving: Promise<void> | undefined;
  /** The second that the path was last made for. */
  private second = 0;
  /** Files that were begun here: coming back to one goes on in it. */
  private readonly begun = new Set<string>();

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    const { saveStreamFile: spec, saveStreamFilter: filter } = ownOptions(table, context);
    // Whether there is a file or not, a filter is one.
    if (updated.has('saveStreamFilter') && filter !== undefined && filter !== '') compileFilter(filter);
    if (updated.has('saveStreamFile') || updated.has('hardump')) await refuseArchive(spec ?? '', context);
    if (updated.has('saveStreamFile')) await this.open(spec ?? '', filter, context);
    else if (updated.has('saveStreamFilter')) this.recorder?.filterBy(filter);
  }

  isIdle(): boolean {
    return this.recorder === undefined;
  }

  requestheaders(flow: HttpFlow): void {
    this.recorder?.requestheaders(flow);
  }

  response(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.response(flow), context);
  }

  error(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.error(flow), context);
  }

  httpConnectError(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.httpConnectError(flow), context);
  }

  websocketEnd(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.websocketEnd(flow), context);
  }

  tcpStart(flow: TcpFlow): void {
    this.recorder?.tcpStart(flow);
  }

  tcpEnd(flow: TcpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.tcpEnd(flow), context);
  }

  tcpError(flow: TcpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.tcpError(flow), context);
  }

  udpStart(flow: UdpFlow): void {
    this.recorder?.udpStart(flow);
  }

  udpEnd(flow: UdpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.udpEnd(flow), context);
  }

  udpError(flow: UdpFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.udpError(flow), context);
  }

  dnsRequest(flow: DnsFlow): void {
    this.recorder?.dnsRequest(flow);
  }

  dnsResponse(flow: DnsFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.dnsResponse(flow), context);
  }

  dnsError(flow: DnsFlow, context: AddonContext): void | Promise<void> {
    return this.write((recorder) => recorder.dnsError(flow), context);
  }

  async done(): Promise<void> {
    await this.moving;
    await this.recorder?.done();
  }

  private write(end: (recorder: Recorder) => Promise<void> | undefined, context: AddonContext): void | Promise<void> {
    const { recorder } = this;
    if (recorder === undefined) return undefined;
    if (this.pattern !== undefined) this.follow(this.pattern, recorder, context);
    return this.moving === undefined ? end(recorder) : this.moving.then(() => end(recorder));
  }

  /** Goes on in another file when the time asks for one. */
  private follow(pattern: string, recorder: Recorder, { now, log }: AddonContext): void {
    const second = Math.floor(now());
    if (second === this.second) return;
    this.second = second;
    const path = formatTime(pattern, new Date(second * 1000));
    if (path === this.path || this.moving !== undefined) return;
    this.path = path;
    const move = recorder.moveTo(path, { append: this.appends(path) }).catch((error: unknown) => {
      log.error(`${isOwnError(error) ? error.message : String(error)}; flows go on to the file before`);
    });
    this.moving = move.then(() => {
      this.moving = undefined;
    });
  }

  private async open(spec: string, filter: string | undefined, { now, log }: AddonContext): Promise<void> {
    const before = this.recorder;
    if (spec === '') this.recorder = undefined;
    else {
      const { path: pattern, append } = readSavePath(spec);
      const path = formatTime(pattern, new Date(now() * 1000));
      this.isAppending = append;
      this.recorder = await Recorder.open(path, { append: this.appends(path), filter }, log);
      this.path = path;
      this.pattern = path === pattern ? undefined : pattern;
    }
    await before?.done();
  }

  private appends(path: string): boolean {
    const known = this.begun.has(path);
    this.begun.add(path);
    return known || this.isAppending;
  }
}

/** @throws {OptionError} when the archive of the end would take the place of the flows */
async function refuseArchive(spec: string, { options, now }: AddonContext): Promise<void> {
  const { hardump } = options;
  if (spec === '' || typeof hardump !== 'string' || hardump === '' || hardump === '-') return;
  const path = formatTime(readSavePath(spec).path, new Date(now() * 1000));
  if (!(await isSameFile(path, expandHome(hardump)))) return;
  throw new OptionError(`hardump cannot write to ${hardump}: it is the file that save_stream_file writes to`);
}
