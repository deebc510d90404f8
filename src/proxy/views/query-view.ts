import { Request } from '../message/request.js';
import { pairLines } from './printed-lines.js';
import type { View } from './view.js';

/** The parameters of the query of a request. They stand in for its body when it has none. */
export const queryView: View = {
  name: 'query',
  priority: (content, { message }) =>
    content.length === 0 && message instanceof Request && message.query.size > 0 ? 0.3 : 0,
  render: (_, { message }) => ({
    description: 'Query',
    lines: pairLines(message instanceof Request ? [...message.query] : []),
  }),
};
