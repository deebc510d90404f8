/** The ways into the language of filters: from text to trees and functions. */
import { PatternError } from '../../errors.js';
import { invalid } from './explain.js';
import type { FilterExpression, OperatorExpression } from './expression.js';
import { parseExpression } from './grammar.js';
import type { ParsedFilter, Place } from './grammar.js';
import type { FilterRules, FlowFilter } from './operator.js';
import { operatorOf } from './operators.js';
import { compilePattern } from './pattern/compile-pattern.js';

/** The versions of the language, and what differs between them. */
export const filterVersions = {
  /** As mitmproxy 8.1.1, with the operators that came later. */
  extended: { additions: true, caseless: false, emptyBodies: false },
  /** Exactly as mitmproxy 8.1.1. */
  '8.1.1': { additions: false, caseless: false, emptyBodies: false },
  /** As the newest mitmproxy. */
  newest: { additions: true, caseless: true, emptyBodies: true },
} as const satisfies Record<string, FilterRules>;

/** A key of {@link filterVersions}. */
export type FilterVersion = keyof typeof filterVersions;

/** How an expression is read. */
export interface FilterOptions {
  /** Default: `extended`. */
  readonly version?: FilterVersion | undefined;
  /** Whether case counts in regular expressions, for all operators but `~d` and `~m`. Default: as the version has it. */
  readonly caseSensitive?: boolean | undefined;
}

/**
 * The tree of an expression.
 * @throws {FilterError} when it is not valid, its regular expressions included
 */
export function parseFilter(filter: string, options: FilterOptions = {}): FilterExpression {
  const parsed = parseExpression(filter);
  functionOf(parsed.expression, contextOf(filter, parsed, options));
  return parsed.expression;
}

/**
 * An expression as a function, for many flows.
 * @throws {FilterError} when it is not valid
 * @example compileFilter('~m post & ~c 500')(flow) // whether a POST was answered by 500
 */
export function compileFilter(filter: string, options: FilterOptions = {}): FlowFilter {
  const parsed = parseExpression(filter);
  return functionOf(parsed.expression, contextOf(filter, parsed, options));
}

interface Context {
  readonly filter: string;
  readonly rules: FilterRules;
  readonly places: ParsedFilter['places'];
}

function contextOf(filter: string, { places }: ParsedFilter, options: FilterOptions): Context {
  const rules = filterVersions[options.version ?? 'extended'];
  const caseless = options.caseSensitive === undefined ? rules.caseless : !options.caseSensitive;
  return { filter, places, rules: { ...rules, caseless } };
}

function functionOf(expression: FilterExpression, context: Context): FlowFilter {
  switch (expression.kind) {
    case 'operator':
      return operatorFunction(expression, context);
    case 'not': {
      const negated = functionOf(expression.operand, context);
      return (flow) => !negated(flow);
    }
    case 'and': {
      const all = functionsOf(expression.operands, context);
      return (flow) => all.every((one) => one(flow));
    }
    case 'or': {
      const any = functionsOf(expression.operands, context);
      return (flow) => any.some((one) => one(flow));
    }
  }
}

/** The operands, those first that cost little: the order does not change what comes of it. */
function functionsOf(operands: readonly FilterExpression[], context: Context): readonly FlowFilter[] {
  const made = operands.map((operand) => ({ isDear: isDear(operand), matches: functionOf(operand, context) }));
  return made.toSorted((a, b) => Number(a.isDear) - Number(b.isDear)).map(({ matches }) => matches);
}

function isDear(expression: FilterExpression): boolean {
  if (expression.kind === 'operator') return operatorOf(expression.code)?.isDear ?? false;
  if (expression.kind === 'not') return isDear(expression.operand);
  return expression.operands.some(isDear);
}

function operatorFunction(expression: OperatorExpression, { filter, rules, places }: Context): FlowFilter {
  const { code, argument = '' } = expression;
  const operator = operatorOf(code);
  const place: Place = places.get(expression) ?? { offset: 0, argument: [] };
  if (operator === undefined || (operator.isAddition && !rules.additions)) {
    throw invalid(filter, `mitmproxy 8.1.1 has no operator ~${code}`, {
      offset: place.offset,
      expected: ['an operator'],
    });
  }
  if (operator.kind === 'flag') return operator.matches;
  if (operator.kind === 'integer') return operator.matching(Number(argument));
  try {
    const caseless = rules.caseless || operator.pattern.caseless;
    const regex = compilePattern(argument, { ...operator.pattern, ...(caseless && { caseless }) });
    return operator.matching((subject) => regex.test(subject), rules);
  } catch (cause) {
    if (!(cause instanceof PatternError)) throw cause;
    const offset = place.argument[cause.offset] ?? place.offset;
    throw invalid(filter, `the regular expression is wrong: ${cause.message}`, { offset }, { cause });
  }
}
