/** What flows of all types may be made with. */
import type { ClientConnection, ServerConnection } from '../flow/connection.js';
import type { Flow } from '../flow/flow.js';
import { checkKeys } from './check-keys.js';
import type { ConnectionParts } from './connections.js';
import { flowTimes } from './flow-times.js';

/** What a flow is made with. */
export interface FlowParts {
  /** A random one when absent. */
  readonly id?: string | undefined;
  /** Default: true, as it is when hooks see traffic. */
  readonly live?: boolean | undefined;
  readonly marked?: string | undefined;
  readonly comment?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly isReplay?: Flow['isReplay'];
  /** What differs in the connection from the client. */
  readonly client?: ConnectionParts<ClientConnection> | undefined;
  /** What differs in the connection to the server. */
  readonly server?: ConnectionParts<ServerConnection> | undefined;
  /** Why the flow failed, or that it did. */
  readonly error?: string | true | undefined;
}

const commonKeys: readonly (keyof FlowParts)[] = [
  'id',
  'live',
  'marked',
  'comment',
  'metadata',
  'isReplay',
  'client',
  'server',
  'error',
];

/**
 * @param own the parts that only flows of one type have
 * @throws {TypeError} for a part that there is not
 */
export function checkFlowParts(what: string, parts: FlowParts, own: readonly string[]): void {
  checkKeys(what, parts, [...own, ...commonKeys]);
}

/** Gives a flow what stands in its parts and is no connection. */
export function dressed<F extends Flow>(flow: F, parts: FlowParts): F {
  const { error } = parts;
  flow.id = parts.id ?? flow.id;
  flow.live = parts.live ?? true;
  flow.marked = parts.marked ?? '';
  flow.comment = parts.comment ?? '';
  flow.metadata = { ...parts.metadata };
  flow.isReplay = parts.isReplay;
  if (error !== undefined) {
    const message = error === true ? 'the server closed the connection' : error;
    flow.error = { message, timestamp: flowTimes.end };
  }
  return flow;
}
