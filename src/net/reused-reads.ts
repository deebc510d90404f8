/**
 * Memory that sockets are read into, used again.
 *
 * Node allocates a block for each read. The garbage collector pays for these by their size: at gigabytes a second it
 * marks the whole heap many times a second, which costs as much as all the copying. Here a little that is read is
 * copied out of one block that all sockets share, and a block that was filled is handed on as it is; whoever has
 * passed it on, and knows that nobody keeps it, may give it back.
 */
import type { OnReadOpts, Socket } from 'node:net';

/** Bytes of a block. */
const blockSize = 64 * 1024;

/** Blocks that wait to be used, at most. */
const mostSpare = 64;

/** What is read into when little is expected. It is never handed on. */
let shared: Buffer | undefined;

/** Memory that nobody uses. */
const spare: Buffer[] = [];

/** Blocks that are used, and may be given back once. */
const lent = new WeakMap<ArrayBufferLike, Buffer>();

/**
 * How a socket is to be read: the option `onread` of `net.connect`. Its chunks come by its events as ever.
 * Undefined on Windows, where the system holds the memory of reads that are still to come.
 * @param socket told once it is there
 */
export function reusedReads(socket: () => Socket): OnReadOpts | undefined {
  if (process.platform === 'win32') return undefined;
  shared ??= Buffer.allocUnsafeSlow(blockSize);
  const small = shared;
  let next = small;
  return {
    buffer: () => next,
    callback(length, bytes) {
      // What was given here is what comes back, and it was a Buffer.
      const block = bytes as Buffer;
      const isFull = length === block.length;
      const handsOn = isFull && block !== small;
      // Another full one is likely to come.
      if (!isFull && block !== small) release(block);
      next = isFull ? take() : small;
      return socket().push(handsOn ? block : Buffer.from(block.subarray(0, length)));
    },
  };
}

/** Gives back what was read, if it is a whole block. Nobody may use any part of it any more. */
export function giveBack(chunk: Buffer): void {
  if (chunk.length === blockSize) release(chunk);
}

function release({ buffer }: Buffer): void {
  const block = lent.get(buffer);
  if (block === undefined) return;
  lent.delete(buffer);
  if (spare.length < mostSpare) spare.push(block);
}

function take(): Buffer {
  const block = spare.pop() ?? Buffer.allocUnsafeSlow(blockSize);
  lent.set(block.buffer, block);
  return block;
}
