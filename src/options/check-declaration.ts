/** Options that are declared while a program runs, by code that no compiler has seen. */
import { isError } from '../errors.js';
import type { OptionNaming } from './check.js';
import type { Option } from './define.js';
import { checkValue } from './read-value.js';
import { showValue } from './show-value.js';
import { nearest } from './suggest.js';

/** A type that is forgotten here does not compile. */
const types: Readonly<Record<Option['type'], true>> = {
  ...{ boolean: true, integer: true, number: true, size: true, choice: true, string: true, list: true },
};

/**
 * @param nameOf what errors call it
 * @throws {TypeError} for what declares no option: a name that is not in camel case, an unknown type, no help, no choices, a default that the type does
 *   not take
 */
export function checkDeclaration(key: string, option: Option, nameOf: OptionNaming = (known) => known): void {
  checkKey(key);
  const name = nameOf(key);
  // Types do not bind JavaScript.
  const given: unknown = option;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`the option ${name} is declared by an object, not ${showValue(given)}`);
  }
  checkType(name, option.type);
  if (typeof option.help !== 'string')
    throw new TypeError(`the option ${name} needs help: a text that says what it does`);
  if (option.type === 'choice' && !isListOfTexts(option.choices)) {
    throw new TypeError(`the option ${name} needs choices: a list of texts`);
  }
  if (option.default !== undefined) checkDefault(`the default of the option ${name}`, option);
}

function checkKey(key: string): void {
  if (/^[a-z][a-zA-Z\d]*$/.test(key)) return;
  const near = key.trim().replaceAll(/[\s_-]+(.?)/g, (_, letter: string) => letter.toUpperCase());
  const better = `${near.slice(0, 1).toLowerCase()}${near.slice(1)}`;
  const hint = /^[a-z][a-zA-Z\d]*$/.test(better) ? `, such as ${better}` : '';
  throw new TypeError(`the option ${JSON.stringify(key)} needs a name in camel case${hint}`);
}

function checkType(name: string, type: string): void {
  if (Object.hasOwn(types, type)) return;
  const known = Object.keys(types);
  const near = nearest(String(type), known);
  const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
  throw new TypeError(`the option ${name} has no type ${showValue(type)}, ${hint}`);
}

function checkDefault(label: string, option: Option): void {
  let value: unknown;
  try {
    value = checkValue(option, label, option.default);
  } catch (error) {
    throw new TypeError(isError(error) ? error.message : String(error), { cause: error });
  }
  // A default of these is a text, or texts, and is read when it is needed. All others are values as they stand.
  if (option.type === 'string' || option.type === 'list' || value === option.default) return;
  throw new TypeError(`${label} is ${showValue(value)}, not ${showValue(option.default)}`);
}

function isListOfTexts(given: unknown): boolean {
  return Array.isArray(given) && given.length > 0 && given.every((item) => typeof item === 'string');
}
