/**
 * Memory that sockets are read into, used again.
 *
 * Node allocates a block for each read. The garbage collector pays for these by their size: at gigabytes a second it
 * marks the whole heap many times a second, which costs as much as all the copying. Here a little that is read is
 * copied out of one block that all sockets share, and a block that was filled is handed on as it is; whoever has
 * passed it on, and knows that nobody keeps it, may give it back.
 */
import type { OnReadOpts, Socket } from 'node:net';

/** Bytes of a block: twice what Node reads at a time. */
const blockSize = 128 * 1024;

/** A block with less in it is not worth its memory to whoever keeps it: then it is copied. */
const worthwhile = blockSize / 2;

/** Blocks that wait to be used, at most. */
const mostSpare = 32;

/** What is read into when little is expected. It is never handed on. */
let shared: Buffer | undefined;

/** Blocks that nobody uses. */
const spare: Buffer[] = [];

/** Blocks that were handed on and may be given back, once; and how much was read into them. */
const lent = new WeakMap<ArrayBufferLike, { readonly block: Buffer; readonly filled: number }>();

/**
 * How a socket is to be read: the option `onread` of `net.connect`. Its chunks come by its events as ever.
 * Undefined on Windows, where the system holds the memory of reads that are still to come.
 * @param socket told once it is there
 */
export function reusedReads(socket: () => Socket): OnReadOpts | undefined {
  if (process.platform === 'win32') return undefined;
  const small = (shared ??= Buffer.allocUnsafeSlow(blockSize));
  let next = small;
  return {
    buffer: () => next,
    callback(length) {
      const block = next;
      const isMuch = length >= worthwhile;
      if (isMuch) next = spare.pop() ?? Buffer.allocUnsafeSlow(blockSize);
      else next = small;
      const bytes = block.subarray(0, length);
      if (block === small) return socket().push(Buffer.from(bytes));
      if (isMuch) {
        lent.set(block.buffer, { block, filled: length });
        return socket().push(bytes);
      }
      const copy = Buffer.from(bytes);
      keep(block);
      return socket().push(copy);
    },
  };
}

/** Gives back what was read. Nobody may use any part of it any more. What is no block as it was read is left alone. */
export function giveBack({ buffer, byteOffset, length }: Buffer): void {
  const known = lent.get(buffer);
  // Of a part of it somebody else has the rest.
  if (known === undefined || byteOffset !== 0 || length !== known.filled) return;
  lent.delete(buffer);
  keep(known.block);
}

function keep(block: Buffer): void {
  if (spare.length < mostSpare) spare.push(block);
}
