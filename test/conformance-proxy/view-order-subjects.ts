/** Vectors of the order in which flows are shown, and of what specifications of flows mean. */
import { join } from 'node:path';
import { compileFilter } from '../../src/proxy/filter/filter.js';
import { orderFlows } from '../../src/proxy/flow-order.js';
import type { FlowOrder } from '../../src/proxy/flow-order.js';
import { selectFlows } from '../../src/proxy/select-flows.js';
import { readFlows } from './read-flows.js';

interface Input {
  readonly view_order: FlowOrder;
  readonly view_order_reversed: boolean;
  readonly view_filter?: string;
}

/** Specifications of which each case tells what they mean. */
const specifications = [
  ...['@all', '@shown', '@hidden', '@marked', '@unmarked', '@focus', '~q', '~zz'],
  '00000000,00000000-0000-0001-0000-000000000003',
];

/** @param directory of the corpus whose flows are shown */
export function viewOrderSubjects(directory: string): Readonly<Record<string, (input: Input) => unknown>> {
  return {
    view_order_filter: ({ view_order: order, view_order_reversed: reversed, view_filter: filter }) => {
      const all = readFlows(join(directory, 'filters', 'flows.mitm')).flows.map(({ flow }) => flow);
      const matches = filter === undefined ? () => true : compileFilter(filter);
      const shown = orderFlows(all.filter(matches), { order, reversed });
      // A person looks at the first that came, wherever it is shown.
      const focus = all.find(matches);
      const numbers = (flows: readonly (typeof all)[number][]): number[] => flows.map((flow) => all.indexOf(flow));
      const resolved = specifications.map((specification) => {
        try {
          const chosen = numbers(selectFlows({ all, shown, focus }, specification));
          return [specification, { out: chosen }];
        } catch {
          // What the ancestor calls it.
          return [specification, { error: 'CommandError' }];
        }
      });
      return {
        order: numbers(shown),
        resolve: Object.fromEntries(resolved) as unknown,
        focus: focus === undefined ? null : all.indexOf(focus),
        length: shown.length,
      };
    },
  };
}
