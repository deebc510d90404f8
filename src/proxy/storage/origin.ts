/**
 * What a flow was read from. A flow that was not changed is written as it stood in its file, byte for
 * byte; of one that was changed, the rest stays as it stood: numbers written otherwise, members unknown.
 */
import type { Flow } from '../flow/flow.js';
import type { FlowLayout } from './layout.js';
import { migrate } from './migrations.js';
import { decodeItem, encodeItem } from './tnetstring.js';
import type { TnetMap, TnetValue } from './tnetstring.js';
import { flowOfState, writeFlow } from './flow-state.js';
import { ItemWriter } from './item-writer.js';

const origins = new WeakMap<Flow, Buffer>();

/** Remembers the bytes that a flow was read from. */
export function rememberOrigin(flow: Flow, item: Buffer): void {
  origins.set(flow, item);
}

/**
 * A flow as it stands in a file.
 * @param layout 17 for mitmproxy 8.1.1 and later, 21 for the newest
 * @throws {TypeError} for a UDP flow in layout 17
 */
export function encodeFlow(flow: Flow, layout: FlowLayout = 17): Buffer {
  return Buffer.from(viewFlow(flow, layout));
}

/** As {@link encodeFlow}, in memory that the next call writes over. */
export function viewFlow(flow: Flow, layout: FlowLayout = 17): Buffer {
  const item = origins.get(flow);
  return item === undefined ? viewAnew(flow, layout) : encodeAgain(flow, layout, item);
}

/** A flow as it is written when nothing is known of a file that it was read from. */
export function encodeAnew(flow: Flow, layout: FlowLayout): Buffer {
  return Buffer.from(viewAnew(flow, layout));
}

const output = new ItemWriter();

function viewAnew(flow: Flow, layout: FlowLayout): Buffer {
  output.reset();
  writeFlow(output, flow, layout);
  return output.view;
}

function encodeAgain(flow: Flow, layout: FlowLayout, item: Buffer): Buffer {
  const now = encodeAnew(flow, layout);
  if (now.equals(item)) return item;
  const written = decodeItem(item) as TnetMap;
  const version = written.get('version');
  const origin = migrate(written, new Map());
  if (origin.layout !== layout) return now;
  const then = encodeAnew(flowOfState(origin.state, layout), layout);
  if (version === BigInt(layout) && then.equals(now)) return item;
  return encodeItem(merge(closedBehindProxy(origin.state), decodeItem(then), decodeItem(now)));
}

/** The state of flows of its own that mitmproxy 8.1.1 cannot read, as we write it: see `connection-fields.ts`. */
function closedBehindProxy(state: TnetMap): TnetMap {
  const [server, backup] = [state.get('server_conn'), state.get('backup')];
  const changed = new Map(state);
  if (server instanceof Map && (server.get('via2') ?? null) !== null) {
    changed.set('server_conn', new Map(server as TnetMap).set('state', 0n));
  }
  if (backup instanceof Map) changed.set('backup', closedBehindProxy(backup as TnetMap));
  return changed;
}

/** What stood there, where `then` and `now` agree; what is now, where they differ. */
function merge(stood: TnetValue, then: TnetValue, now: TnetValue): TnetValue {
  if (isSame(then, now)) return stood;
  if (stood instanceof Map && then instanceof Map && now instanceof Map) return mergeMaps(stood, then, now);
  if (!isList(stood) || !isList(then) || !isList(now) || stood.length !== now.length) return now;
  return stood.map((item, i) => merge(item, then[i] ?? null, now[i] ?? null));
}

function mergeMaps(stood: TnetMap, then: TnetMap, now: TnetMap): TnetMap {
  const merged = new Map<TnetValue, TnetValue>();
  for (const [key, value] of stood) {
    const current = now.get(key);
    if (current !== undefined) merged.set(key, merge(value, then.get(key) ?? null, current));
    else if (!then.has(key)) merged.set(key, value);
  }
  for (const [key, value] of now) if (!merged.has(key)) merged.set(key, value);
  return merged;
}

function isList(value: TnetValue): value is readonly TnetValue[] {
  return Array.isArray(value);
}

function isSame(a: TnetValue, b: TnetValue): boolean {
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b);
  if (a instanceof Map) {
    const map: TnetMap = a;
    if (!(b instanceof Map) || map.size !== b.size) return false;
    const other: TnetMap = b;
    return Array.from(map).every(([key, value]) => {
      const found = other.get(key);
      return found !== undefined && isSame(value, found);
    });
  }
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i] ?? null));
  return Object.is(a, b);
}
