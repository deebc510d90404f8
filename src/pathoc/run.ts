/** The run of a command line: repetitions, each with a connection of its own. */
import { ConnectionError } from '../errors.js';
import { Random } from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { systemReason } from '../net/system-error.js';
import { Cases } from './cases.js';
import type { Case, CaseList } from './cases.js';
import { Pathoc } from './client.js';
import { converse } from './conversation.js';
import type { PathocValues } from './options.js';
import type { Output } from './output.js';
import type { Playlist } from './playlist.js';
import { Report } from './report.js';
import { requestSettings } from './request-settings.js';

/** Everything that a run needs. */
export interface RunOptions {
  readonly host: string;
  readonly port: number;
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
    const { values, output, signal } = this.options;
    const client = await this.connect();
    if (client === undefined) return false;
    try {
      const toSend = (one: Case): Message => (values.explain ? this.freeze(one) : one.message);
      const { failed, stop } = await converse(client, cases, { values, output, toSend, report: this.report });
      this.failed ||= failed;
      // A peer that failed us is not asked to close in order.
      if (failed) client.destroy();
      return stop;
    } catch (error) {
      client.destroy();
      if (signal.aborted) return true;
      throw error;
    } finally {
      await client.close();
    }
  }

  private async connect(): Promise<Pathoc | undefined> {
    const { host, port, values, files, signal, clock, output } = this.options;
    let client: Pathoc | undefined;
    try {
      client = await Pathoc.connect({ host, port, timeout: values.timeout, signal, files, clock });
      if (values.connectTo !== undefined) await client.connectThrough(values.connectTo.host, values.connectTo.port);
      return client;
    } catch (error) {
      client?.destroy();
      if (!(error instanceof ConnectionError)) throw error;
      if (signal.aborted) return undefined;
      const { code, text } = systemReason(error.cause);
      const isIgnored = values.ignoreTimeouts && client === undefined && code === 'ETIMEDOUT';
      if (!isIgnored) this.failed = true;
      await output.note(client === undefined ? `Error connecting to "${host}": ${text}\n` : `${error.message}\n`);
      return undefined;
    }
  }

  private readonly freeze = ({ message, random }: Case): Message =>
    message.freeze(requestSettings(this.options.host, this.options.files, random));
}
