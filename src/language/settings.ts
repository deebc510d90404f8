import { FileAccessDenied } from '../errors.js';
import type { Files } from './files.js';
import { Random } from './random.js';

/** What a message needs from outside to become bytes. All of it may be left out. */
export interface Settings {
  /** Where chance comes from. The same source gives the same bytes and offsets. Default: a new seed. */
  readonly random?: Random | undefined;
  /** Where `<file` values come from. Default: no file may be read. */
  readonly files?: Files | undefined;
  /** Requests: the host of the Host field. Default: no Host field is added. */
  readonly requestHost?: string | undefined;
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
  return { ...settings, random: settings.random ?? Random.fromChance(), files: settings.files ?? noFiles };
}

/** File access when no directory was given. */
export const noFiles: Files = { segment: refuse, text: refuse };

function refuse(): never {
  throw new FileAccessDenied('File access disabled.');
}
