import { filterText } from './filter/expression.js';
import { compileFilter, parseFilter } from './filter/filter.js';
import type { Flow } from './flow/flow.js';
import { flowLine } from './flow-line.js';

/** Flows that are named when none matched. */
const namedFlows = 5;

/** A part of a filter, when it is made of parts that must all match. */
interface Part {
  readonly text: string;
  readonly matches: (flow: Flow) => boolean;
}

/** What is asked of flows, and in words why none was an answer. */
export class FlowQuestion {
  readonly matches: (flow: Flow) => boolean;
  private readonly text: string;

  /** @throws {FilterError} when an expression is not valid */
  constructor(private readonly filter: string | ((flow: Flow) => boolean)) {
    this.text = typeof filter === 'string' ? filter : filter.name || 'the function';
    this.matches = typeof filter === 'string' ? compileFilter(filter) : filter;
  }

  /**
   * Says that nothing matched, and which flows came nearest, a line each.
   * @param open those of the flows that are under way
   * @param seen how many there were in all
   */
  explain(flows: readonly Flow[], open: ReadonlySet<Flow>, seen: number, when: string): string {
    const parts = this.parts();
    const ranked = flows
      .map((flow, i) => ({ flow, i, found: parts.filter(({ matches }) => matches(flow)) }))
      .sort((a, b) => b.found.length - a.found.length || b.i - a.i)
      .slice(0, namedFlows);
    const count = seen === 1 ? '1 flow was seen' : `${seen === 0 ? 'no' : String(seen)} flows were seen`;
    const lines = ranked.map(({ flow, found }) => {
      const notes = [
        ...(open.has(flow) ? ['still under way'] : []),
        ...(parts.length > 1 && found.length > 0 ? [`matches ${found.map(({ text }) => text).join(', ')}`] : []),
      ];
      return `\n  ${flowLine(flow)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
    });
    const nearest = lines.length === 0 ? '' : `, the nearest:${lines.join('')}`;
    return `no flow matched ${this.text} ${when}; ${count}${nearest}`;
  }

  private parts(): readonly Part[] {
    if (typeof this.filter !== 'string') return [];
    const expression = parseFilter(this.filter);
    const operands = expression.kind === 'and' ? expression.operands : [expression];
    return operands.map((operand) => {
      const text = filterText(operand);
      return { text, matches: compileFilter(text) };
    });
  }
}
