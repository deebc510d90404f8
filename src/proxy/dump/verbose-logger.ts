import { OptionError, PatternError } from '../../errors.js';
import type { OptionTable, OptionValues } from '../../options/define.js';
import { compilePattern } from '../filter/pattern/compile-pattern.js';
import type { FlowFilter } from '../filter/operator.js';
import type { HttpFlow } from '../flow/http-flow.js';
import { encodeUtf8 } from '../message/utf8.js';
import { viewNameOf } from '../views/views.js';
import type { DumpTarget } from './dumper.js';
import { readDumperFilter } from './dumper-filter.js';
import type { DumperValues } from './dumper-options.js';
import { plainPaint, terminalPaint } from './paint.js';
import { verboseText } from './verbose-text.js';

const table = {
  verbosePattern: {
    type: 'string',
    group: 'Output',
    valueName: 'REGEX',
    help: 'Print headers and bodies before the line of a flow whose path matches.',
  },
} as const satisfies OptionTable;

/** The part of what addons are given that this one needs. */
interface VerboseContext {
  readonly options: Readonly<Record<string, unknown>>;
  readonly now: () => number;
}

/**
 * An addon that prints all of those HTTP flows whose path `verbose_pattern` matches, and nothing of others. It stands
 * before the dumper, whose lines follow, and prints nothing of flows that the dumper prints nothing of.
 */
export class VerboseLogger {
  readonly name = 'logger';
  readonly options = table;
  private pattern: RegExp | undefined;
  private matches: FlowFilter | undefined;

  constructor(private readonly target: Pick<DumpTarget, 'write' | 'isTerminal'>) {}

  /** @throws {OptionError} when the regular expression or the filter is none */
  configure(updated: ReadonlySet<string>, context: VerboseContext): void {
    const values = valuesOf(context);
    if (updated.has('verbosePattern')) this.pattern = readPattern(values.verbosePattern);
    if (updated.has('dumperFilter')) this.matches = readDumperFilter(values.dumperFilter);
  }

  isIdle(): boolean {
    return this.pattern === undefined;
  }

  response(flow: HttpFlow, context: VerboseContext): void {
    this.print(flow, context);
  }

  error(flow: HttpFlow, context: VerboseContext): void {
    this.print(flow, context);
  }

  private print(flow: HttpFlow, context: VerboseContext): void {
    if (this.pattern?.test(flow.request.path) !== true) return;
    const { flowDetail, dumperDefaultContentview, contentViewLinesCutoff } = valuesOf(context);
    if (flowDetail === 0 || this.matches?.(flow) === false) return;
    const text = verboseText(flow, {
      now: context.now(),
      view: viewNameOf(dumperDefaultContentview),
      linesLimit: flowDetail === 4 ? Infinity : contentViewLinesCutoff,
      paint: this.target.isTerminal ? terminalPaint : plainPaint,
    });
    this.target.write(encodeUtf8(text));
  }
}

/** The values of this addon's option, and of those of the dumper. */
function valuesOf({ options }: VerboseContext): DumperValues & OptionValues<typeof table> {
  // Who loads an addon declares its options, and checks their values; the dumper is loaded wherever this one is.
  return options as unknown as DumperValues & OptionValues<typeof table>;
}

function readPattern(pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  try {
    return compilePattern(pattern, { over: 'text' });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new OptionError(`verbose_pattern: ${error.message}`, error.marked());
  }
}
