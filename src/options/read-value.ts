/** From what was written, or given by code, to the value of an option. */
import { isError, isOwnError, OptionError } from '../errors.js';
import type { IntegerOption, NumberOption, Option, StringOption, ListOption } from './define.js';
import { showValue } from './show-value.js';

const units = ['b', 'k', 'm', 'g', 't'];

/**
 * The value that `text` means for an option. A list option gets one of its items.
 * @param label how the user knows the option: `--port`, or `port` in code
 * @throws {OptionError} when it means none; the message names the option and what it takes
 */
export function readValue(option: Option, label: string, text: string): unknown {
  switch (option.type) {
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      break;
    case 'integer':
    case 'number': {
      const pattern = option.type === 'integer' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
      if (pattern.test(text) && inRange(option, Number(text))) return Number(text);
      break;
    }
    case 'size': {
      const bytes = parseSize(text);
      if (bytes !== undefined) return bytes;
      break;
    }
    case 'choice':
      if (option.choices.includes(text)) return text;
      break;
    case 'string':
    case 'list':
      return parseText(option, label, text);
  }
  throw badValue(option, label, JSON.stringify(text));
}

/**
 * The value that code gave for an option, checked. What is not text is taken as parsed already
 * where the option has a `parse` function.
 * @throws {OptionError} when it is none of the option's values
 */
export function checkValue(option: Option, label: string, given: unknown): unknown {
  switch (option.type) {
    case 'boolean':
      if (typeof given === 'boolean') return given;
      break;
    case 'integer':
    case 'number':
      if (typeof given === 'number' && inRange(option, given)) return given;
      break;
    case 'size':
      if (typeof given === 'string') return readValue(option, label, given);
      if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0) return given;
      break;
    case 'choice':
      if (typeof given === 'string') return readValue(option, label, given);
      break;
    case 'string':
      if (typeof given === 'string') return parseText(option, label, given);
      if (isParsed(option, given)) return given;
      break;
    case 'list':
      if (Array.isArray(given)) return given.map((item: unknown) => checkItem(option, label, item));
      break;
  }
  throw badValue(option, label, showValue(given));
}

/** What an option has when it is not given. */
export function defaultValue(option: Option, label: string): unknown {
  switch (option.type) {
    case 'boolean':
      return option.default ?? false;
    case 'list':
      return (option.default ?? []).map((text) => parseText(option, label, text));
    case 'string':
      return option.default === undefined ? undefined : parseText(option, label, option.default);
    default:
      return option.default;
  }
}

/** What an option takes, in words: "a whole number from 0 to 65535". */
export function expectation(option: Option): string {
  switch (option.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${range(option)}`;
    case 'number':
      return `a number${range(option)}`;
    case 'size':
      return `a whole number of bytes with an optional unit (${units.join(', ')})`;
    case 'choice':
      return `one of ${option.choices.join(', ')}`;
    case 'string':
      return 'text';
    case 'list':
      return 'a list of texts';
  }
}

/**
 * Bytes meant by `10`, `10b`, `10k`, `1m`, `1g`, `1t`; undefined when it is no size. Space before the number is
 * allowed, and behind one without a unit.
 */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^\s*\+?(\d+)(?:\s*([bkmgt])|\s*)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * 1024 ** Math.max(0, units.indexOf(unit));
}

function checkItem(option: ListOption, label: string, item: unknown): unknown {
  if (typeof item === 'string') return parseText(option, label, item);
  if (isParsed(option, item)) return item;
  throw badValue(option, label, showValue(item));
}

function isParsed({ parse, isParsed: accepts }: StringOption | ListOption, given: unknown): boolean {
  return parse !== undefined && (accepts === undefined || accepts(given));
}

function parseText(option: StringOption | ListOption, label: string, text: string): unknown {
  if (option.parse === undefined) return text;
  try {
    return option.parse(text);
  } catch (error) {
    if (isOwnError(error)) throw error;
    const reason = isError(error) ? error.message : String(error);
    throw new OptionError(`${label} does not take ${JSON.stringify(text)}: ${reason}`);
  }
}

function inRange(option: IntegerOption | NumberOption, value: number): boolean {
  const whole = option.type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value);
  return whole && value >= (option.minimum ?? -Infinity) && value <= (option.maximum ?? Infinity);
}

function range({ minimum, maximum }: IntegerOption | NumberOption): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${String(minimum)} to ${String(maximum)}`;
  if (minimum !== undefined) return ` of at least ${String(minimum)}`;
  return maximum === undefined ? '' : ` of at most ${String(maximum)}`;
}

function badValue(option: Option, label: string, given: string): OptionError {
  const sentence = `${label} takes ${expectation(option)}, not ${given}`;
  return new OptionError(option.type === 'size' ? `Invalid size specification. ${sentence}` : sentence);
}
