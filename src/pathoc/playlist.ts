/** The specs of a command line, read and checked before anything is sent. */
import { OptionError, SpecError } from '../errors.js';
import { parseHttp2Requests, parseRequests, Random } from '../language/index.js';
import type { Files, Message } from '../language/index.js';
import { isDirectory, readSpecFile } from '../net/static-files.js';
import { generatedLength } from './chance.js';
import { requestSettings } from './request-settings.js';

/** For each argument, the messages that it stands for. */
export type Playlist = readonly (readonly Message[])[];

/** Bytes of generated data that are written out at most: they become text, four characters a byte. */
const longestWrittenOut = 16 * 1024 * 1024;

/** What a playlist is read for. */
export interface PlaylistOptions {
  readonly host: string;
  readonly files: Files;
  /** Whether messages are frozen before they are sent. */
  readonly frozen: boolean;
  /** Whether they are sent over HTTP/2. */
  readonly http2: boolean;
}

/**
 * Reads the arguments: a spec each, or the name of a file that holds one.
 * @throws {SpecError} for a spec that is not valid; it names the file that it comes from
 * @throws {FileAccessDenied | RenderError} when a message cannot be turned into bytes
 * @throws {OptionError} for a file that cannot be read, for a directory, and for more generated data than can be written out
 */
export function readPlaylist(specs: readonly string[], options: PlaylistOptions): Playlist {
  return specs.map((spec) => {
    const messages = readSpec(spec, options);
    // The copies that `x` makes are one and the same object.
    for (const message of new Set(messages)) check(message, options);
    return messages;
  });
}

function readSpec(argument: string, { files, http2 }: PlaylistOptions): readonly Message[] {
  const parse = http2 ? parseHttp2Requests : parseRequests;
  const text = readSpecFile(argument);
  try {
    return parse(text ?? argument, { files });
  } catch (error) {
    if (!(error instanceof SpecError) || error.source !== undefined) throw error;
    if (text === undefined) throw isDirectory(argument) ? new OptionError(`${argument} is a directory`) : error;
    const { spec, offset, expected, suggestion, code } = error;
    const place = { spec, offset, expected, source: argument };
    throw new SpecError(error.message, suggestion === undefined ? place : { ...place, suggestion }, code);
  }
}

function check(message: Message, { host, files, frozen }: PlaylistOptions): void {
  const generated = generatedLength(message);
  if (frozen && generated > longestWrittenOut) {
    throw new OptionError(
      `-e and -m write out what is generated, and ${String(generated)} bytes are too many for that: ${message.spec}`,
    );
  }
  // Files are looked at, lengths are counted: what cannot be sent is found out now.
  message.maximumLength(requestSettings(host, files, Random.fromSeed(0)));
}
