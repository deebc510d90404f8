/** The command line, read against a program's table. */
import { OptionError } from '../errors.js';
import type { NamedOption, Operand, Option, Options, OptionTable, OptionValues, Program } from './define.js';
import { defaultValue, expectation, readValue } from './read-value.js';
import { nearest } from './suggest.js';

/** A command line that was understood. */
export interface Arguments<T extends OptionTable> {
  /** Every option of the table: as given, or its default. */
  readonly values: OptionValues<T>;
  /** Arguments that are not options, in order. */
  readonly operands: readonly string[];
  /** Keys of the options that were given. */
  readonly given: ReadonlySet<keyof T>;
  /** The option such as `--help` at which reading stopped. */
  readonly standalone: keyof T | undefined;
  /** The options in the order in which they were given, once for each time. */
  readonly written: readonly WrittenOption<T>[];
}

/** An option of a command line. */
export interface WrittenOption<T extends OptionTable = OptionTable> {
  readonly key: keyof T;
  /** The name that it was given by, with its dashes: `-p`, `--po`. */
  readonly name: string;
}

/**
 * Reads a command line: `-p 9`, `-p9`, `-nr 9`, `--port 9`, `--port=9`, `--po 9`, and `--` before
 * operands that look like options. An option that takes a value takes what follows, whatever it
 * looks like. Options and operands may be mixed. The short form of a flag that is on turns it off. `-5` is an operand unless there is an option `-5`.
 * @param argv the arguments alone, without node and the name of the script
 * @throws {OptionError} with one line that names the argument and what would have been right
 */
export function parseArguments<T extends OptionTable>(program: Program<T>, argv: readonly string[]): Arguments<T> {
  const reader = new ArgumentReader(program, argv);
  const standalone = reader.readAll();
  if (standalone === undefined) checkOperands(program.operands, reader.operands);
  const values = program.options.list.map(({ key, long, option }) => [
    key,
    reader.values.has(key) ? reader.values.get(key) : defaultValue(option, `--${long}`),
  ]);
  return {
    // Each value was read by its own option, which is what OptionValues says of it.
    values: Object.fromEntries(values) as OptionValues<T>,
    operands: reader.operands,
    given: new Set(reader.values.keys()),
    standalone,
    written: reader.written,
  };
}

class ArgumentReader {
  readonly operands: string[] = [];
  readonly values = new Map<string, unknown>();
  readonly written: WrittenOption[] = [];
  private at = 0;
  private readonly options: Options;

  constructor(
    private readonly program: Program,
    private readonly argv: readonly string[],
  ) {
    this.options = program.options;
  }

  /** Reads to the end, or to a standalone option, whose key it returns. */
  readAll(): string | undefined {
    for (let text = this.argv[this.at++]; text !== undefined; text = this.argv[this.at++]) {
      if (text === '--') {
        this.operands.push(...this.argv.slice(this.at));
        return undefined;
      }
      if (this.isOperand(text)) {
        this.operands.push(text);
        continue;
      }
      const standalone = text.startsWith('--') ? this.readLong(text) : this.readCluster(text);
      if (standalone !== undefined) return standalone;
    }
    return undefined;
  }

  private isOperand(text: string): boolean {
    if (!text.startsWith('-') || text === '-') return true;
    return /^-[\d.]/.test(text) && !this.options.byShort.has(text.charAt(1));
  }

  private readLong(text: string): string | undefined {
    const equals = text.indexOf('=');
    const written = equals === -1 ? text : text.slice(0, equals);
    const attached = equals === -1 ? undefined : text.slice(equals + 1);
    const { named, negated } = this.findLong(written);
    this.written.push({ key: named.key, name: written });
    if (named.option.type !== 'boolean') return this.takeValue(named, attached);
    if (attached !== undefined)
      throw new OptionError(`${written} takes no value, not even ${JSON.stringify(attached)}`);
    return this.setFlag(named, !negated);
  }

  /** `-n`, `-nr 9`, `-p9`, `-p=9`. */
  private readCluster(text: string): string | undefined {
    for (let index = 1; index < text.length; index++) {
      const named = this.options.byShort.get(text.charAt(index));
      if (named === undefined) throw this.unknownShort(text, text.charAt(index));
      const rest = text.slice(index + 1);
      this.written.push({ key: named.key, name: `-${text.charAt(index)}` });
      if (named.option.type !== 'boolean') {
        return this.takeValue(named, rest === '' ? undefined : rest.replace(/^=/, ''));
      }
      if (this.takeInteger(named.option.orInteger, rest)) return undefined;
      const standalone = this.setFlag(named, named.option.default !== true);
      if (standalone !== undefined) return standalone;
    }
    return undefined;
  }

  /** Gives a whole number that follows to the option called `key`; false when none follows. */
  private takeInteger(key: string | undefined, attached: string): boolean {
    const target = this.options.list.find((named) => named.key === key);
    const next = attached === '' ? this.argv[this.at] : attached;
    if (target === undefined || next === undefined || !/^\d+$/.test(next)) return false;
    this.takeValue(target, attached === '' ? undefined : attached);
    return true;
  }

  private takeValue({ key, long, option }: NamedOption, attached: string | undefined): undefined {
    const text = attached ?? this.argv[this.at++];
    if (text === undefined) throw new OptionError(`--${long} needs a value: ${neededValue(option)}`);
    const value = readValue(option, `--${long}`, text);
    if (option.type !== 'list') this.values.set(key, value);
    else {
      const items = this.values.get(key);
      this.values.set(key, Array.isArray(items) ? [...(items as unknown[]), value] : [value]);
    }
    return undefined;
  }

  private setFlag({ key, option }: NamedOption, value: boolean): string | undefined {
    this.values.set(key, value);
    return option.type === 'boolean' && option.standalone ? key : undefined;
  }

  private findLong(written: string): { readonly named: NamedOption; readonly negated: boolean } {
    const { byLong } = this.options;
    const name = written.slice(2);
    const exact = byLong.get(name);
    if (exact !== undefined) return exact;
    const candidates = [...byLong].filter(([, { named }]) => named.option.inFull !== true);
    const matches = candidates.filter(([long]) => long.startsWith(name));
    if (matches.length === 0) {
      throw unknownLong(
        written,
        candidates.map(([long]) => long),
      );
    }
    const usual = matches.filter(([, { named }]) => this.program.usual?.has(named.long));
    const found = onlyOne(matches) ?? onlyOne(usual);
    if (found !== undefined) return found;
    const names = matches.map(([long]) => `--${long}`).join(', ');
    throw new OptionError(`ambiguous option ${written}, it could be any of ${names}`);
  }

  private unknownShort(text: string, letter: string): OptionError {
    const where = text.length > 2 ? ` in ${text}` : '';
    const long = text.slice(1).replace(/=.*/s, '');
    const near = long.length > 1 ? nearest(long, this.options.byLong.keys()) : undefined;
    return new OptionError(`unknown option -${letter}${where}${near === undefined ? '' : `, did you mean --${near}?`}`);
  }
}

type Found = NonNullable<ReturnType<Options['byLong']['get']>>;

/** What all of these names mean, when it is one thing. */
function onlyOne(matches: readonly (readonly [string, Found])[]): Found | undefined {
  const first = matches[0]?.[1];
  const isOne = matches.every(([, { named, negated }]) => named === first?.named && negated === first.negated);
  return isOne ? first : undefined;
}

/** What a text stands for tells more than that it is one. */
function neededValue(option: Option): string {
  const isText = option.type === 'string' || option.type === 'list';
  return isText ? (option.valueName ?? 'text') : expectation(option);
}

function unknownLong(written: string, names: Iterable<string>): OptionError {
  const near = nearest(written.slice(2), names);
  return new OptionError(`unknown option ${written}${near === undefined ? '' : `, did you mean --${near}?`}`);
}

function checkOperands(wanted: readonly Operand[], operands: readonly string[]): void {
  const missing = wanted.find(({ optional }, index) => optional !== true && operands[index] === undefined);
  if (missing !== undefined) throw new OptionError(`missing argument ${missing.name}: ${missing.help}`);
  const surplus = operands[wanted.length];
  if (surplus !== undefined && wanted.at(-1)?.many !== true) {
    throw new OptionError(`unexpected argument ${JSON.stringify(surplus)}`);
  }
}
