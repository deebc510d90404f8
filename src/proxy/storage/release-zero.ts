/** Dictionaries of the releases 0.11 to 0.19, most of which knew bytes where text is meant, made those of 1.0. */
import type { TnetMap, TnetValue } from './tnetstring.js';

type State = Map<TnetValue, TnetValue>;

/** Members that are text from 1.0 on. */
const textual = ['id', 'type', 'mode', 'msg', 'host', 'cipher_name', 'tls_version'];

/** A dictionary of release 1.0. */
export function fromReleaseZero(old: TnetMap): State {
  const state = withTextKeys(old);
  const server = part(state, 'server_conn');
  // The name changed twice.
  rename(server, 'peer_address', 'ip_address');
  if (!server.has('ip_address')) server.set('ip_address', null);
  server.delete('state');
  const [request, response] = [part(state, 'request'), part(state, 'response')];
  for (const key of ['form_in', 'form_out', 'stickycookie', 'stickyauth']) request.delete(key);
  for (const message of [request, response]) {
    const version = message.get('httpversion');
    if (!Array.isArray(version)) continue;
    message.delete('httpversion');
    message.set('http_version', Buffer.from(`HTTP/${(version as readonly TnetValue[]).map(String).join('.')}`));
  }
  rename(response, 'code', 'status_code');
  rename(response, 'msg', 'reason');
  const reason = response.get('reason');
  if (typeof reason === 'string') response.set('reason', Buffer.from(reason, 'latin1'));
  if (!state.has('metadata')) state.set('metadata', new Map());
  if (!state.has('marked')) state.set('marked', false);
  return state;
}

/** A copy with keys as text, and values as text where they are now; addresses too. */
function withTextKeys(map: TnetMap): State {
  const copy: State = new Map();
  for (const [key, value] of map) {
    const name = textOf(key);
    if (typeof name !== 'string') copy.set(name, value);
    else if (value instanceof Map) copy.set(name, withTextKeys(value));
    else if (name.endsWith('address') && Array.isArray(value)) copy.set(name, (value as TnetValue[]).map(textOf));
    else copy.set(name, textual.includes(name) ? textOf(value) : value);
  }
  return copy;
}

function textOf(value: TnetValue): TnetValue {
  return Buffer.isBuffer(value) ? value.toString() : value;
}

function part(state: State, key: string): State {
  const value = state.get(key);
  // Made above, for this flow alone.
  return value instanceof Map ? (value as State) : new Map<TnetValue, TnetValue>();
}

function rename(state: State, from: string, to: string): void {
  const value = state.get(from);
  if (value === undefined) return;
  state.delete(from);
  state.set(to, value);
}
