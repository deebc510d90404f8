/** The names that mitmproxy's documentation has, beside ours: `flow.request.pretty_url`. For scripts; no type knows them. */
import { ClientConnection, ServerConnection } from '../flow/connection.js';
import { DnsFlow } from '../flow/dns-flow.js';
import { HttpFlow } from '../flow/http-flow.js';
import { KeptMessage } from '../flow/kept-message.js';
import { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import type { StreamMessage } from '../flow/stream-flow.js';
import { WebSocketData, WebSocketMessage } from '../flow/websocket.js';
import { Headers } from '../message/headers.js';
import { Request } from '../message/request.js';
import { Response } from '../message/response.js';

let isDone = false;

/**
 * Lets flows and all that they hold be asked by names in snake case: a second name for each that is in camel case. They
 * are not enumerable. Done once, when the first script is loaded: nobody else meets them.
 */
export function acceptSnakeNames(): void {
  if (isDone) return;
  isDone = true;
  for (const sample of samples()) {
    const prototype = Object.getPrototypeOf(sample) as object;
    for (const name of namesOf(sample)) {
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (snake !== name && !(snake in prototype)) alias(prototype, snake, name);
    }
  }
  for (const { prototype } of [Request, Response]) {
    setter(prototype, 'set_text', 'text');
    setter(prototype, 'set_content', 'content');
  }
}

/** As {@link acceptSnakeNames}, for a message that is of no class. */
export function acceptSnakeNamesOf(message: StreamMessage | undefined): void {
  if (message !== undefined && !('from_client' in message)) alias(message, 'from_client', 'fromClient');
}

/** One of each class: fields are known by instances alone. */
function samples(): object[] {
  const request = Request.make('GET', 'http://sample/');
  const query = { timestamp: 0, id: 0, query: true, opCode: 0, authoritativeAnswer: false, truncation: false };
  const flags = { recursionDesired: false, recursionAvailable: false, reserved: 0, responseCode: 0 };
  return [
    ...[new HttpFlow(request), new TcpFlow({}), new UdpFlow({})],
    new DnsFlow({ ...query, ...flags, questions: [], answers: [], authorities: [], additionals: [] }),
    ...[new ClientConnection(), new ServerConnection(), request, Response.make()],
    ...[
      new WebSocketData(),
      new WebSocketMessage(1, true, Buffer.alloc(0), 0),
      new KeptMessage(true, Buffer.alloc(0), 0),
    ],
    ...[new Headers(), request.query],
  ];
}

/** All names of an object, of its class and of what that extends. */
function namesOf(sample: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at = sample; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return names;
}

function alias(prototype: object, snake: string, name: string): void {
  Object.defineProperty(prototype, snake, {
    configurable: true,
    get(this: Record<string, unknown>) {
      return this[name];
    },
    set(this: Record<string, unknown>, value: unknown) {
      this[name] = value;
    },
  });
}

/** Where Python has a function, and JavaScript sets a property. */
function setter(prototype: object, name: string, property: string): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    value: function (this: Record<string, unknown>, value: unknown) {
      this[property] = value;
    },
  });
}
