import { describe, expect, test } from 'vitest';
import { FilterError, OptionError } from '../../src/errors.js';
import { HttpFlow, Request } from '../../src/proxy/index.js';
import { orderFlows } from '../../src/proxy/flow-order.js';
import { selectFlows } from '../../src/proxy/select-flows.js';

function flowOf(method: string, url: string, timestampCreated: number, body = ''): HttpFlow {
  return new HttpFlow(Request.make(method, url, body), { timestampCreated });
}

const [tea, coffee, milk] = [
  flowOf('POST', 'http://shop.test/tea', 3, 'two'),
  flowOf('GET', 'http://shop.test/coffee', 1),
  flowOf('GET', 'http://shop.test/Milk', 2, 'one litre'),
];
milk.marked = ':cow:';
const all = [tea, coffee, milk];

describe('flows are selected by', () => {
  test.each([
    ['@all', all],
    ['@marked', [milk]],
    ['@unmarked', [tea, coffee]],
    ['@shown', [coffee]],
    ['@hidden', [tea, milk]],
    ['@focus', [milk]],
    ['~m post', [tea]],
    ['coffee', [coffee]],
    [`${milk.id},${tea.id.toUpperCase()}`, [tea, milk]],
    ['00000000-0000-0000-0000-000000000000', []],
  ])('%s', (specification, expected) => {
    expect(selectFlows({ all, shown: [coffee], focus: milk }, specification)).toEqual(expected);
  });

  test('without a view, all are shown and none is looked at', () => {
    expect(selectFlows({ all }, '@shown')).toEqual(all);
    expect(selectFlows({ all }, '@hidden')).toEqual([]);
    expect(selectFlows({ all }, '@focus')).toEqual([]);
  });

  test('what means nothing is an error', () => {
    expect(() => selectFlows({ all }, '~zz')).toThrow(FilterError);
    expect(() => selectFlows({ all }, '@al')).toThrow(OptionError);
  });
});

describe('flows are ordered by', () => {
  test.each([
    ['time', [coffee, milk, tea]],
    ['method', [coffee, milk, tea]],
    ['url', [milk, coffee, tea]],
    ['size', [coffee, tea, milk]],
  ] as const)('%s', (order, expected) => {
    expect(orderFlows(all, { order })).toEqual(expected);
    expect(orderFlows(all, { order, reversed: true })).toEqual([...expected].reverse());
  });
});
