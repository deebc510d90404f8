import type { Addon } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';

/** Writes comments on flows: the command `flow.comment`. */
export class Comment implements Addon {
  readonly name = 'comment';
  readonly commands = {
    'flow.comment': defineCommand(
      [
        { name: 'flows', type: 'flows' },
        { name: 'comment', type: 'text' },
      ],
      'Write a comment on flows.',
      (_, flows, comment) => {
        for (const flow of flows) flow.comment = comment;
      },
    ),
  };
}
