/**
 * One table a program, from which everything that knows of its options is drawn:
 *
 *     defineOptions({ port: { type: 'integer', ... } })
 *        |-- parseArguments   the command line          (argv.ts)
 *        |-- checkOptions     an object given by code   (check.ts)
 *        |-- OptionValues, OptionInput                  their TypeScript types
 *        '-- usage, optionsTable                        help text and docs (describe.ts)
 *
 * The key `limitSize` is `--limit-size` on the command line and `limitSize` in code.
 */

interface OptionBase {
  /** One or two plain sentences, for the usage text and the docs. */
  readonly help: string;
  /** A single character: `p` for `-p`. */
  readonly short?: string;
  /** The long name without its dashes, where it is not made of the key. */
  readonly long?: string;
  /** Further long names without their dashes. */
  readonly aliases?: readonly string[];
  /** Heading under which usage and docs list it; "Options" when absent. */
  readonly group?: string;
  /** What stands for the value in the usage text; the name in capitals when absent. */
  readonly valueName?: string;
  /** Accepted, but shown in neither usage nor docs. */
  readonly hidden?: boolean;
  /** Accepted on the command line when its name is given in full; the beginning of it means others. */
  readonly inFull?: boolean;
  /** The version that brought it, for the docs. */
  readonly since?: string;
  /** Exists on the command line alone, not in {@link OptionInput}. */
  readonly programOnly?: boolean;
}

/** A flag. False unless it says otherwise. */
export interface BooleanOption extends OptionBase {
  readonly type: 'boolean';
  readonly default?: boolean;
  /** Has a `--no-NAME` form. */
  readonly negatable?: boolean;
  /** Such as `--help`: reading stops there, and missing operands are no error. */
  readonly standalone?: boolean;
  /** Key of an integer option that the short form sets when a whole number follows it. */
  readonly orInteger?: string;
}

/** A whole number. */
export interface IntegerOption extends OptionBase {
  readonly type: 'integer';
  readonly default?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A decimal number. */
export interface NumberOption extends OptionBase {
  readonly type: 'number';
  readonly default?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A number of bytes, written `10`, `10k`, `1m`: units b, k, m, g, t in powers of 1024. */
export interface SizeOption extends OptionBase {
  readonly type: 'size';
  readonly default?: number;
}

/** One of some words. */
export interface ChoiceOption extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A text, or what `parse` makes of it. */
export interface StringOption extends OptionBase {
  readonly type: 'string';
  /** As it would be written on the command line. */
  readonly default?: string;
  /** Makes the value; may throw an OptionError, whose message is shown as it is. */
  readonly parse?: (text: string) => unknown;
  /** Whether what code gives, and is no text, is such a value. Without it, all is. */
  readonly isParsed?: (given: unknown) => boolean;
}

/** May be given many times; the values in the order given, each as {@link StringOption} reads it. */
export interface ListOption extends OptionBase {
  readonly type: 'list';
  readonly default?: readonly string[];
  readonly parse?: (text: string) => unknown;
  readonly isParsed?: (given: unknown) => boolean;
}

/** How one option is declared. */
export type Option =
  BooleanOption | IntegerOption | NumberOption | SizeOption | ChoiceOption | StringOption | ListOption;

/** Options by key, in the order in which they are shown. */
export type OptionTable = Readonly<Record<string, Option>>;

type Parsed<O> = O extends { readonly parse: (text: string) => infer Value } ? Value : string;
type Absent<O> = O extends { readonly default: number | string } ? never : undefined;

/** The value of one option once read: `undefined` only when it has no default. */
export type OptionValue<O extends Option> = O extends { readonly type: 'boolean' }
  ? boolean
  : O extends { readonly type: 'integer' | 'number' | 'size' }
    ? number | Absent<O>
    : O extends { readonly type: 'choice'; readonly choices: readonly (infer Choice)[] }
      ? Choice | Absent<O>
      : O extends { readonly type: 'list' }
        ? readonly Parsed<O>[]
        : Parsed<O> | Absent<O>;

type Given<O extends Option> = O extends { readonly type: 'list' }
  ? readonly (Parsed<O> | string)[]
  : O extends { readonly type: 'size' }
    ? number | string
    : O extends { readonly type: 'string' }
      ? Parsed<O> | string
      : Exclude<OptionValue<O>, undefined>;

/** All values of a table, as read from a command line or an object. */
export type OptionValues<T extends OptionTable> = { readonly [K in keyof T]: OptionValue<T[K]> };

type InputKey<T extends OptionTable> = {
  [K in keyof T]: T[K] extends { readonly programOnly: true } | { readonly standalone: true } ? never : K;
}[keyof T];

/** What code may give for a table: any of its options, parsed or as text. */
export type OptionInput<T extends OptionTable> = { readonly [K in InputKey<T>]?: Given<T[K]> | undefined };

/** One option with its names. */
export interface NamedOption {
  readonly key: string;
  /** The long name without dashes: `limit-size`, or the one that the option declares. */
  readonly long: string;
  readonly option: Option;
}

/** A table ready for use: made by {@link defineOptions}. */
export interface Options<T extends OptionTable = OptionTable> {
  readonly table: T;
  readonly list: readonly NamedOption[];
  /** By long name or alias, without dashes; `no-NAME` is the negated form. */
  readonly byLong: ReadonlyMap<string, { readonly named: NamedOption; readonly negated: boolean }>;
  readonly byShort: ReadonlyMap<string, NamedOption>;
}

/** The values of {@link Options}: `ValuesOf<typeof pathodOptions>`. */
export type ValuesOf<O extends Options> = OptionValues<O['table']>;

/** What code may give for {@link Options}: `InputOf<typeof pathodOptions>`. */
export type InputOf<O extends Options> = OptionInput<O['table']>;

/**
 * Declares the options of a program.
 * @throws {TypeError} when the table contradicts itself: a name that stands twice, for instance
 */
export function defineOptions<const T extends OptionTable>(table: T): Options<T> {
  const list = Object.entries(table).map(([key, option]) => ({ key, long: option.long ?? longName(key), option }));
  const byLong = new Map<string, { named: NamedOption; negated: boolean }>();
  const byShort = new Map<string, NamedOption>();
  for (const named of list) {
    const { option } = named;
    for (const name of [named.long, ...(option.aliases ?? [])]) {
      claim(byLong, name, { named, negated: false });
      if (option.type === 'boolean' && option.negatable) claim(byLong, `no-${name}`, { named, negated: true });
    }
    if (option.short !== undefined) {
      if (option.short.length !== 1) throw new TypeError(`short name of ${named.key} is not one character`);
      claim(byShort, option.short, named);
    }
    if (option.type === 'boolean') checkBoolean(named.key, option, table);
  }
  return { table, list, byLong, byShort };
}

/** `--help` and `--version`, to be spread into a program's table. */
export const standardOptions = {
  help: { type: 'boolean', short: 'h', standalone: true, help: 'Show this help and exit.' },
  version: { type: 'boolean', standalone: true, help: 'Show the version and exit.' },
} as const satisfies OptionTable;

/** An argument that is not an option. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  /** May be left out. */
  readonly optional?: boolean;
  /** Takes all that remain; only the last operand may. */
  readonly many?: boolean;
}

/** What a program is called, what it does, and what it takes. */
export interface Program<T extends OptionTable = OptionTable> {
  readonly name: string;
  /** What it does, in a sentence or two. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly options: Options<T>;
  /** Long names of the options that the beginning of a name means, when it could mean others, too. */
  readonly usual?: ReadonlySet<string>;
}

/** The long name that an option of this key has, without its dashes. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function claim<V>(names: Map<string, V>, name: string, owner: V): void {
  if (names.has(name)) throw new TypeError(`two options are called ${name}`);
  names.set(name, owner);
}

function checkBoolean(key: string, option: BooleanOption, table: OptionTable): void {
  if (option.default === true && !option.negatable) throw new TypeError(`${key} is on and cannot be turned off`);
  if (option.orInteger !== undefined && table[option.orInteger]?.type !== 'integer') {
    throw new TypeError(`${key} refers to ${option.orInteger}, which is not an integer option`);
  }
}
