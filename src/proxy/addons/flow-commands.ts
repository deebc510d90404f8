import { OptionError } from '../../errors.js';
import { nearest } from '../../options/suggest.js';
import type { Flow } from '../flow/flow.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import type { Message } from '../message/message.js';
import { reasonPhrase } from '../message/reason-phrase.js';

const flows = { name: 'flows', type: 'flows' } as const;
const part = { name: 'part', type: 'text' } as const;

/** The mark that is set when none is named. */
const defaultMark = ':default:';

/** The codings that `flow.encode` offers; the second is that of `flow.encode.toggle`, as in mitmproxy. */
const codings = ['gzip', 'deflate', 'br', 'zstd'] as const;

/** What `flow.set` changes, by name. Each gives whether there was something to change. */
const attributes: Readonly<Record<string, (flow: HttpFlow, value: string) => boolean>> = {
  host: ({ request }, value) => {
    request.host = value;
    return true;
  },
  status_code: ({ response }, value) => {
    const statusCode = readStatus(value);
    if (response === undefined) return false;
    Object.assign(response, { statusCode, reason: reasonPhrase(statusCode) ?? response.reason });
    return true;
  },
  method: ({ request }, value) => {
    request.method = value.toUpperCase();
    return true;
  },
  path: ({ request }, value) => {
    request.path = value;
    return true;
  },
  url: ({ request }, value) => {
    request.url = value;
    return true;
  },
  reason: ({ response }, value) => {
    if (response === undefined) return false;
    response.reason = value;
    return true;
  },
};

/** Lets flows go, ends them, marks them and changes them: the commands that begin with `flow`. */
export class FlowCommands implements Addon {
  readonly name = 'core';
  readonly commands = {
    'flow.resume': defineCommand([flows], 'Let flows that are held go on.', (context, among) => {
      change(context, among, (flow) => {
        const { intercepted } = flow;
        flow.resume();
        return intercepted;
      });
    }),
    'flow.kill': defineCommand([flows], 'End flows that are under way.', (context, among) => {
      change(context, among, (flow) => {
        const { killable } = flow;
        if (killable) flow.kill(context.now());
        return killable;
      });
    }),
    'flow.mark': defineCommand(
      [flows, { name: 'marker', type: 'text' }],
      'Mark flows: with a character, or a name in colons.',
      (context, among, marker) => {
        // Characters, as people count them.
        if (!/^(?::[\w+-]+:|.)$/su.test(marker)) throw new OptionError(`${JSON.stringify(marker)} is no mark`);
        change(context, among, (flow) => mark(flow, marker));
      },
    ),
    'flow.mark.toggle': defineCommand([flows], 'Mark flows, and take the marks of others away.', (context, among) => {
      change(context, among, (flow) => mark(flow, flow.marked === '' ? defaultMark : ''));
    }),
    'flow.revert': defineCommand([flows], 'Bring back what flows were before they were changed.', (context, among) => {
      change(context, among, (flow) => {
        const wasChanged = flow.modified();
        flow.revert();
        return wasChanged;
      });
    }),
    'flow.set': defineCommand(
      [flows, { name: 'attribute', type: 'text' }, { name: 'value', type: 'text' }],
      'Change a fact of flows: see flow.set.options.',
      (context, among, name, value) => {
        const set = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
        if (set === undefined) throw unknown('attribute', name, Object.keys(attributes));
        change(context, among, (flow) => flow.type === 'http' && edit(flow, () => set(flow, value)));
      },
    ),
    'flow.set.options': defineCommand([], 'The facts that can be changed.', () => Object.keys(attributes)),
    'flow.encode': defineCommand(
      [flows, part, { name: 'coding', type: 'text' }],
      'Encode bodies that are not encoded.',
      (context, among, which, coding) => {
        if (!(codings as readonly string[]).includes(coding)) throw unknown('coding', coding, codings);
        changeMessages(context, among, which, (message) => {
          if (!isEncoded(message)) message.encode(coding);
        });
      },
    ),
    'flow.decode': defineCommand([flows, part], 'Decode bodies.', (context, among, which) => {
      changeMessages(context, among, which, (message) => {
        message.decode();
      });
    }),
    'flow.encode.toggle': defineCommand(
      [flows, part],
      'Decode bodies that are encoded, and encode the others.',
      (context, among, which) => {
        changeMessages(context, among, which, (message) => {
          if (isEncoded(message)) message.decode();
          else message.encode(codings[1]);
        });
      },
    ),
    'flow.encode.options': defineCommand([], 'The codings that bodies can be encoded with.', () => codings),
  };
}

/** Does something to each flow, and tells of those that are changed. */
function change(context: AddonContext, among: readonly Flow[], act: (flow: Flow) => boolean): void {
  const changed: Flow[] = [];
  try {
    for (const flow of among) if (act(flow)) changed.push(flow);
  } finally {
    if (changed.length > 0) context.flows.update(changed);
  }
}

function changeMessages(
  context: AddonContext,
  among: readonly Flow[],
  which: string,
  act: (message: Message) => void,
): void {
  if (which !== 'request' && which !== 'response') throw unknown('part', which, ['request', 'response']);
  change(context, among, (flow) => {
    const message = flow.type === 'http' ? flow[which] : undefined;
    if (message === undefined) return false;
    return edit(flow, () => {
      const before = message.headers.get('content-encoding');
      act(message);
      return message.headers.get('content-encoding') !== before;
    });
  });
}

/** Changes a flow so that this can be reverted. */
function edit(flow: Flow, act: () => boolean): boolean {
  const wasKept = flow.kept !== undefined;
  flow.backup();
  let isChanged = false;
  try {
    isChanged = act();
  } finally {
    // There is nothing to come back to.
    if (!isChanged && !wasKept) flow.kept = undefined;
  }
  return isChanged;
}

function mark(flow: Flow, marker: string): boolean {
  const isNew = flow.marked !== marker;
  flow.marked = marker;
  return isNew;
}

function isEncoded({ headers }: Message): boolean {
  return (headers.get('content-encoding') ?? 'identity') !== 'identity';
}

/** @throws {OptionError} for what is no status */
function readStatus(text: string): number {
  if (/^[1-9]\d\d$/.test(text)) return Number(text);
  throw new OptionError(`${JSON.stringify(text)} is no status code`);
}

function unknown(what: string, name: string, known: readonly string[]): OptionError {
  const near = nearest(name, known);
  return new OptionError(`unknown ${what} ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
}
