import type { HttpFlow } from './flow/http-flow.js';

/** Why the request of a flow cannot be sent again, in a line that names it; undefined when it can be. */
export function replayRefusal(flow: HttpFlow): string | undefined {
  const obstacle = obstacleOf(flow);
  if (obstacle === undefined) return undefined;
  return `${flow.request.method} ${flow.request.prettyUrl} is not sent again: ${obstacle}`;
}

function obstacleOf({ live, intercepted, request, websocket }: HttpFlow): string | undefined {
  if (live) return 'it is under way';
  if (intercepted) return 'it is held';
  // What the client said on it belongs to answers that would be others this time.
  if (websocket !== undefined) return 'it opened a WebSocket';
  if (request.method === 'CONNECT') return 'it asks for a tunnel';
  return request.rawContent === undefined ? 'its body was not kept' : undefined;
}
