import { ContentError } from '../../errors.js';
import type { AddonContext } from '../hooks/addon.js';
import type { Message } from '../message/message.js';

/**
 * Whether rules may change a body in `request` and `response`. They may not when it was passed on as it arrived, so
 * that what was kept of it stays what was sent; nor when it cannot be decoded. The log tells that.
 * @param option whose rules they are, as programs write it
 */
export function bodyIsChangeable(option: string, message: Message, { log }: AddonContext): boolean {
  const obstacle = obstacleOf(message);
  if (obstacle !== undefined) log.warn(`a body was left as it is by ${option}: ${obstacle}`);
  return obstacle === undefined;
}

function obstacleOf(message: Message): string | undefined {
  // A request without a body is whole, whatever `stream` says.
  const isEmpty = message.rawContent !== undefined && message.rawLength === 0;
  if (message.stream !== false && !isEmpty) return 'it was passed on as it arrived';
  try {
    void message.content;
    return undefined;
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return error.message;
  }
}
