import { FileAccessDenied } from '../errors.js';
import type { Files } from './files.js';
import { Random } from './random.js';
import type { Seed } from './random.js';

/** What a message needs from outside to become bytes. All of it may be left out. */
export interface Settings {
  /** Where chance comes from. The same source gives the same bytes and offsets. Default: a new seed. */
  readonly random?: Random | undefined;
  /** Short for `random: Random.fromSeed(seed)`. */
  readonly seed?: Seed | undefined;
  /** Where `<file` values come from. Default: no file may be read. */
  readonly files?: Files | undefined;
  /** Requests: the host of the Host field. Default: no Host field is added. */
  readonly requestHost?: string | undefined;
  /** HTTP/2 requests: the port that `:authority` tells, unless it is 443. Default: none is told. */
  readonly requestPort?: number | undefined;
  /** HTTP/2 requests: `:scheme`. Default: `http`. */
  readonly requestScheme?: string | undefined;
  /** HTTP/2: the stream in hand. Default: 1; 2 for a response by itself. */
  readonly streamId?: number | undefined;
  /** HTTP/2: the next stream that our side may open, `new` in a spec. Default: for a client, the one behind the stream in hand; for a server, 2. */
  readonly nextStreamId?: number | undefined;
  /** Responses made with `ws`: the Sec-WebSocket-Key of the client's handshake. */
  readonly websocketKey?: string | undefined;
}

/** {@link Settings} with nothing left out that has a default. */
export interface FullSettings extends Settings {
  readonly random: Random;
  readonly files: Files;
}

/** Fills in the defaults. */
export function fullSettings(settings: Settings = {}): FullSettings {
  const { random, seed, files } = settings;
  return { ...settings, random: random ?? sourceOf(seed), files: files ?? noFiles };
}

function sourceOf(seed: Seed | undefined): Random {
  return seed === undefined ? Random.fromChance() : Random.fromSeed(seed);
}

/** File access when no directory was given. */
export const noFiles: Files = { segment: refuse, text: refuse };

function refuse(): never {
  throw new FileAccessDenied('File access disabled.');
}
