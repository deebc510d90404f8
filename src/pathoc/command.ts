/** The command line, from arguments to exit status. */
import { isOwnError, OptionError, SpecError } from '../errors.js';
import { userAgents } from '../language/index.js';
import type { Clock } from '../net/clock.js';
import { staticFiles } from '../net/static-files.js';
import { parseArguments } from '../options/argv.js';
import { usage } from '../options/describe.js';
import { version } from '../version.js';
import { readHost } from './authority.js';
import { pathocProgram } from './options.js';
import type { PathocValues } from './options.js';
import type { Output } from './output.js';
import { readPlaylist } from './playlist.js';
import { routeOf, usesTls } from './route.js';
import { run } from './run.js';

/** What a command line is carried out with. */
export interface CommandPorts {
  readonly output: Output;
  readonly clock: Clock;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  /** Width of the terminal, when there is one. */
  readonly columns?: number | undefined;
}

const notes = `Answers with a code 1xx have a line of their own, before that of the final
answer. A message with d closes the connection; those behind it are not sent.
After the answer to a ws request, frames are printed until the peer closes or
sends a close frame, or until nothing came for as long as -t says.

Exit status: 0 when everything was answered; 1 for arguments or specs that are
not valid; 2 when a connection failed, an answer was missing or not valid, a
message could not be sent (timeouts do not count with -T), or the output could
not be written; 130 after Ctrl-C.
`;

/**
 * Does what a command line says.
 * @param argv the arguments alone, without node and the name of the script
 * @returns the exit status
 */
export async function command(argv: readonly string[], ports: CommandPorts): Promise<number> {
  const { output, clock, signal } = ports;
  try {
    const { values, operands, standalone } = parseArguments(pathocProgram, argv);
    if (standalone !== undefined) {
      await output.result(standaloneText(standalone, ports.columns));
      return 0;
    }
    const [authority = '', ...specs] = operands;
    const { host, port = values.port } = withPort(authority, values);
    if (values.showSummary && !usesTls(values)) throw new OptionError('--show-summary needs TLS, which -s asks for');
    const route = await routeOf(host, { ...values, port });
    const files = staticFiles(undefined, { unconstrained: true });
    const http2 = values.http2 || values.h2c;
    const playlist = readPlaylist(specs, { host, files, http2, frozen: values.explain || values.memo });
    const result = await run({ route, playlist, values, files, output, clock, signal });
    return result === 'failed' ? 2 : 0;
  } catch (error) {
    if (!isOwnError(error)) throw error;
    await output.note(complaint(error));
    return 1;
  }
}

/** The host and port of the first argument, and of `-p`. @throws {OptionError} when the two differ */
function withPort(text: string, values: PathocValues): { readonly host: string; readonly port?: number } {
  const authority = readHost(text);
  if (authority.port !== undefined && values.port !== undefined && authority.port !== values.port) {
    throw new OptionError(`two ports: ${String(authority.port)} in ${text}, and ${String(values.port)} by --port`);
  }
  return authority;
}

function standaloneText(key: string, columns: number | undefined): string {
  if (key === 'version') return `pathoc ${version}\n`;
  if (key === 'showUas')
    return `User agent strings:\n${userAgents.map(({ letter, name }) => `   ${letter} ${name}\n`).join('')}`;
  return `${usage(pathocProgram, columns)}\n${notes}`;
}

function complaint(error: Error): string {
  if (error instanceof SpecError) {
    const place = error.source === undefined ? '' : `${error.source}, line ${String(error.line)}: `;
    // Under an empty spec there is nothing to point at.
    const marked = error.spec.trim() === '' ? '' : `${error.marked()}\n`;
    return printable(`Error parsing request spec: ${place}${error.message}\n${marked}`);
  }
  if (error instanceof OptionError) return `${printable(`pathoc: ${error.message}`).replaceAll('\n', ' ')}\n`;
  return printable(`Error: ${error.message}\n`);
}

/** A file may hold anything, and a terminal obeys control characters. */
function printable(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '.');
}
