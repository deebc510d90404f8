/** What an operator of filter expressions is declared by. */
import type { Flow } from '../flow/flow.js';
import type { PatternOptions } from './pattern/compile-pattern.js';

/** Says whether a flow matches. */
export type FlowFilter = (flow: Flow) => boolean;

/** Says whether a regular expression matches somewhere in a text; in bytes as ISO 8859-1 text. */
export type Search = (subject: string) => boolean;

/** What differs between the versions of the language. */
export interface FilterRules {
  /** Whether operators are known that mitmproxy 8.1.1 has not. */
  readonly additions: boolean;
  /** Whether case does not count in any regular expression. */
  readonly caseless: boolean;
  /** Whether a body that is there but empty is looked at. */
  readonly emptyBodies: boolean;
}

interface Declaration {
  /** What stands behind the tilde. */
  readonly code: string;
  /** What it matches, for people. */
  readonly help: string;
  /** Whether mitmproxy 8.1.1 does not have it. */
  readonly isAddition?: true;
  /** Whether it makes what it looks at from other facts of the flow. Operators that do not are asked first. */
  readonly isDear?: true;
}

/** An operator without an argument. */
export interface FlagOperator extends Declaration {
  readonly kind: 'flag';
  readonly matches: FlowFilter;
}

/** An operator with a regular expression. */
export interface PatternOperator extends Declaration {
  readonly kind: 'regular expression';
  readonly pattern: PatternOptions;
  matching(search: Search, rules: FilterRules): FlowFilter;
}

/** An operator with a number. */
export interface IntegerOperator extends Declaration {
  readonly kind: 'integer';
  matching(value: number): FlowFilter;
}

export type FilterOperator = FlagOperator | PatternOperator | IntegerOperator;
