import { OptionError } from '../../errors.js';
import type { Flow } from '../flow/flow.js';
import type { Addon } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';

const parameters = [
  { name: 'flow', type: 'flows' },
  { name: 'toClient', type: 'boolean' },
  { name: 'message', type: 'text' },
] as const;

/** Sends messages that come from here: the commands `inject.websocket` and `inject.tcp`. */
export class Inject implements Addon {
  readonly name = 'inject';
  readonly commands = {
    'inject.websocket': defineCommand(
      [...parameters, { name: 'isText', type: 'boolean', optional: true }],
      'Send a message on the WebSocket of a flow.',
      (context, flows, toClient, message, isText = true) => {
        const flow = theOne(flows);
        if (flow.type !== 'http') throw new OptionError('the flow has no WebSocket');
        context.flows.inject(flow, toClient, message, isText);
      },
    ),
    'inject.tcp': defineCommand(
      parameters,
      'Send bytes on the connection of a flow.',
      (context, flows, toClient, message) => {
        const flow = theOne(flows);
        if (flow.type !== 'tcp') throw new OptionError('the flow is no TCP flow');
        context.flows.inject(flow, toClient, message);
      },
    ),
  };
}

/** @throws {OptionError} when it is not one flow */
function theOne([flow, ...others]: readonly Flow[]): Flow {
  if (flow !== undefined && others.length === 0) return flow;
  throw new OptionError(`one flow is meant, not ${String(flow === undefined ? 0 : others.length + 1)}`);
}
