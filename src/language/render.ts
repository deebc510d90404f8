import { RenderError } from '../errors.js';
import { Message } from './message.js';
import { steps } from './plan.js';
import type { Settings } from './settings.js';

/** Bytes that {@link render} makes at most, so that `@1t` does not fill the memory. */
const maximumRender = 1024 ** 3;

/**
 * The bytes that a message puts on the wire: pauses are not slept, a disconnect ends them. A promise,
 * as a later kind of message may need its bytes from elsewhere.
 * @throws {FileAccessDenied | RenderError} as {@link Message.plan}, and for more than 1 GiB
 * @example await render(message, { seed: 42 }) // the same bytes every time
 */
export async function render(message: Message, settings?: Settings): Promise<Buffer> {
  if (!(message instanceof Message)) throw new TypeError('render takes one message; parsing gives an array of them');
  const chunks: Buffer[] = [];
  let length = 0;
  for (const step of steps(message.plan(settings))) {
    if (step.do !== 'write') continue;
    length += step.bytes.length;
    if (length > maximumRender) throw new RenderError('a message of more than 1 GiB is not rendered at once');
    chunks.push(step.bytes);
  }
  return Buffer.concat(chunks);
}
