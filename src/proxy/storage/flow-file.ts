/** Reads flow files, whatever they hold. */
import { createReadStream } from 'node:fs';
import type { Flow } from '../flow/flow.js';
import { FlowReader } from './flow-reader.js';
import { flowsOfHar } from './har-import.js';

/**
 * The flows of a file, one after the other; of a damaged one, those before the damage, and of an HTTP archive also those
 * behind an entry that makes no sense.
 * @throws {FlowFileError} where the file is damaged
 * @throws {Error} Node's own, when the file cannot be read
 */
export async function* readFlowFile(path: string): AsyncGenerator<Flow, void, undefined> {
  yield* readFlows(createReadStream(path, { highWaterMark: 256 * 1024 }));
}

/** As {@link readFlowFile}, of bytes from anywhere. What begins with a brace is an HTTP archive. */
export async function* readFlows(chunks: AsyncIterable<Buffer>): AsyncGenerator<Flow, void, undefined> {
  const reader = new FlowReader();
  const archive: Buffer[] = [];
  let isFirst = true;
  for await (const chunk of chunks) {
    if ((isFirst && beginsArchive(chunk)) || archive.length > 0) archive.push(chunk);
    else reader.receive(chunk);
    isFirst = false;
    yield* reader;
  }
  if (archive.length > 0) yield* flowsOfHar(Buffer.concat(archive).toString());
  reader.finish();
  yield* reader;
}

/** A brace, perhaps behind a byte order mark. */
function beginsArchive(bytes: Buffer): boolean {
  return bytes[0] === 0x7b || bytes.toString('latin1', 0, 4) === '\xef\xbb\xbf{';
}
