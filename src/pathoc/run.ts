/** The run of a command line: repetitions, each with a connection of its own. */
import { ConnectionError } from '../errors.js';
import { Random } from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { dialChain } from '../net/dial-chain.js';
import type { DialledChain } from '../net/dial-chain.js';
import { systemReason } from '../net/system-error.js';
import type { Http2Frame } from '../wire/http2-frames.js';
import { Cases } from './cases.js';
import type { Case, CaseList } from './cases.js';
import { checkHttp2 } from './check-http2.js';
import { Pathoc } from './client.js';
import { converse } from './conversation.js';
import type { Conversed } from './conversation.js';
import { Http2Client } from './http2-client.js';
import { converseHttp2 } from './http2-conversation.js';
import type { Direction } from './http2-frame-tap.js';
import type { PathocValues } from './options.js';
import type { Output } from './output.js';
import type { Playlist } from './playlist.js';
import { Report } from './report.js';
import type { Route } from './route.js';
import { tlsSummary } from './tls-summary.js';
import { requestSettings } from './request-settings.js';

/** Everything that a run needs. */
export interface RunOptions {
  readonly route: Route;
  readonly playlist: Playlist;
  readonly values: PathocValues;
  readonly files: Files;
  readonly output: Output;
  readonly clock: Clock;
  /** Ends the run at once. */
  readonly signal: AbortSignal;
}

/** What happened in a run: everything was answered, or something failed that was not to be ignored. */
export type RunResult = 'answered' | 'failed';

/**
 * Sends everything, as often as it is to be sent, and prints what comes back.
 * @throws {FileAccessDenied | RenderError} when a file has changed since it was looked at
 */
export function run(options: RunOptions): Promise<RunResult> {
  return new Run(options).go();
}

class Run {
  private readonly report: Report;
  private readonly cases: Cases;
  private readonly random: Random;
  private failed = false;

  constructor(private readonly options: RunOptions) {
    const { values, playlist } = options;
    this.report = new Report({ ...values, ignoreCodes: new Set(values.ignoreCodes) });
    this.random = values.seed === undefined ? Random.fromChance() : Random.fromSeed(values.seed);
    this.cases = new Cases(playlist, this.random, {
      pick: values.random,
      memoLimit: values.memo ? values.memoLimit : undefined,
      files: options.files,
      freeze: this.freeze,
    });
  }

  async go(): Promise<RunResult> {
    const { values, playlist, files, clock, signal, output } = this.options;
    if (Cases.leftToChance(playlist, { pick: values.random, files, explained: values.explain })) {
      await output.note(`seed ${String(this.random.seed)}\n`);
    }
    for (let repetition = 0; values.repeat === -1 || repetition < values.repeat; repetition++) {
      if (repetition > 0 && values.wait !== undefined) await clock.wait(values.wait * 1000, signal);
      if (signal.aborted) break;
      const cases = this.cases.of(repetition);
      if (cases === undefined) {
        await output.note('Memo limit exceeded: nothing new was found to send\n');
        break;
      }
      if (cases.length > 0 && (await this.repetition(cases))) break;
    }
    return this.failed ? 'failed' : 'answered';
  }

  /** One connection; whether the run is to end with it. */
  private async repetition(cases: CaseList): Promise<boolean> {
    const { route, values, files, signal, clock, output } = this.options;
    const dialled = await this.dial();
    if (dialled === undefined) return false;
    if (values.showSummary && dialled.tls !== undefined) await output.result(tlsSummary(dialled.tls));
    const { timeout } = values;
    const toSend = (one: Case): Message => (values.explain ? this.freeze(one) : one.message);
    const how = { values, output, toSend, report: this.report };
    if (values.http2 || values.h2c) {
      const client = new Http2Client(dialled.duplex, {
        ...(route.connectTo ?? { host: route.host, port: route.port }),
        ...{ scheme: values.http2 ? 'https' : 'http', timeout, files, clock, signal },
        skipConnectionPreface: values.http2SkipConnectionPreface,
        onFrame: values.http2Framedump ? this.dumpFrame : undefined,
      });
      return this.hold(client, converseHttp2(client, cases, how));
    }
    const client = Pathoc.over(dialled, route, { timeout, signal, files, clock });
    return this.hold(client, converse(client, cases, how));
  }

  private async hold(client: Pathoc | Http2Client, conversation: Promise<Conversed>): Promise<boolean> {
    try {
      const { failed, stop } = await conversation;
      this.failed ||= failed;
      // A peer that failed us is not asked to close in order.
      if (failed) client.destroy();
      return stop;
    } catch (error) {
      client.destroy();
      if (this.options.signal.aborted) return true;
      throw error;
    } finally {
      await client.close();
    }
  }

  private async dial(): Promise<DialledChain | undefined> {
    const { route, values, signal, clock, output } = this.options;
    try {
      const dialled = await dialChain({ ...route, signal, clock });
      if (values.http2) checkHttp2(dialled, route);
      return dialled;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      if (signal.aborted) return undefined;
      const { code, text } = systemReason(error.cause);
      if (!values.ignoreTimeouts || code !== 'ETIMEDOUT') this.failed = true;
      const whom = (route.socks ?? route.connectTo) ? `proxy ${error.address}` : `"${route.host}"`;
      await output.note(error.phase === 'connect' ? `Error connecting to ${whom}: ${text}\n` : `${error.message}\n`);
      return undefined;
    }
  }

  private readonly dumpFrame = (direction: Direction, frame: Http2Frame): Promise<void> =>
    this.options.output.result(this.report.frame(direction, frame));

  private readonly freeze = ({ message, random }: Case): Message =>
    message.freeze(requestSettings(this.options.route.host, this.options.files, random));
}
