/** The forms in which flows are told to other programs: the one place where each is named. */
import type { HttpFlow } from '../flow/http-flow.js';
import { curlCommand } from './curl.js';
import { fetchCall } from './fetch.js';
import { httpieCommand } from './httpie.js';
import { rawFlow, rawRequest, rawResponse } from './raw.js';
import { pathocSpec, pathodSpec } from './spec.js';

/** How a form may be varied. */
export interface ExportSettings {
  /** Whether a request is sent to the address that it was sent to. Default: false. */
  readonly keepsAddress?: boolean | undefined;
}

/** A form: what it is, and the function that writes it. */
export interface ExportFormat {
  readonly help: string;
  /** @throws {ContentError} when the flow lacks what the form is of */
  write(flow: HttpFlow, settings: ExportSettings): string | Buffer;
}

export const exportFormats = {
  curl: { help: 'A command line of curl.', write: (flow, { keepsAddress = false }) => curlCommand(flow, keepsAddress) },
  httpie: { help: 'A command line of HTTPie.', write: httpieCommand },
  fetch: { help: "A call of JavaScript's fetch.", write: fetchCall },
  raw: { help: 'Request and response as HTTP/1 sends them, bodies decoded.', write: rawFlow },
  raw_request: { help: 'The request as HTTP/1 sends it, its body decoded.', write: rawRequest },
  raw_response: { help: 'The response as HTTP/1 sends it, its body decoded.', write: rawResponse },
  pathoc: { help: 'The request in the specification language, byte for byte.', write: pathocSpec },
  pathod: { help: 'The response in the specification language, byte for byte.', write: pathodSpec },
} as const satisfies Readonly<Record<string, ExportFormat>>;

/** A key of {@link exportFormats}. */
export type ExportFormatName = keyof typeof exportFormats;

/** Whether a text names a form. */
export function isExportFormat(name: string): name is ExportFormatName {
  return Object.hasOwn(exportFormats, name);
}
