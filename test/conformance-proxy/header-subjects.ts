/** Vectors of operations on headers: the outcome of each, then the fields that are left. */
import { Headers } from '../../src/proxy/message/headers.js';

type Pairs = [name: string, value: string][];
type Operation = [name: string, ...rest: unknown[]];

export const headerSubjects = {
  headers_ops: ({ start, ops }: { start: Pairs; ops: Operation[] }) => {
    const headers = new Headers(start);
    return [...ops.map((operation) => perform(headers, operation)), [...headers]];
  },
};

function perform(headers: Headers, [name, ...rest]: Operation): unknown {
  // Operations of the corpus take a name, then what they put there.
  const [first = '', second = '', third = ''] = rest as string[];
  switch (name) {
    case 'get':
      return { out: headers.get(first) ?? null };
    case 'get_all':
      return { out: headers.getAll(first) };
    case 'getitem':
      return headers.has(first) ? { out: headers.get(first) } : { error: 'KeyError', message: `'${first}'` };
    case 'in':
      return { out: headers.has(first) };
    case 'len':
      return { out: headers.names().length };
    case 'keys':
      return { out: headers.names() };
    case 'keys_multi':
      return { out: Array.from(headers, ([key]) => key) };
    case 'values':
      return { out: headers.names().map((key) => headers.get(key)) };
    case 'items':
      return { out: headers.names().map((key) => [key, headers.get(key)]) };
    case 'items_multi':
      return { out: [...headers] };
    case 'bytes':
      return { out: headers.block.toString('hex') };
    case 'pop': {
      const out = headers.get(first) ?? null;
      headers.delete(first);
      return { out };
    }
    case 'del':
      return headers.delete(first) ? { out: [...headers] } : { error: 'KeyError', message: `b'${first}'` };
    case 'set':
      headers.set(first, second);
      return { out: [...headers] };
    case 'add':
      headers.add(first, second);
      return { out: [...headers] };
    case 'insert':
      headers.insert(Number(first), second, third);
      return { out: [...headers] };
    case 'set_all':
      headers.setAll(first, rest[1] as string[]);
      return { out: [...headers] };
    default:
      throw new Error(`there is no operation ${name}`);
  }
}
