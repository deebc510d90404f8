/** Vectors of modes and addresses. */
import { readMode } from '../../src/proxy/read-mode.js';
import { showAddress } from '../../src/proxy/show-address.js';

export const modeSubjects = {
  human_format_address: (address: readonly [string, number, ...unknown[]] | null) =>
    showAddress(address === null ? undefined : [address[0], address[1]]),
  mode_option: (text: string) => {
    const mode = readMode(text);
    // The corpus is of a version that took neither; both came later.
    if (mode.listenPort !== undefined) throw new Error('the mode tells where to listen');
    if (mode.type === 'reverse') demandHttp(mode.scheme);
    return 'ok';
  },
  server_spec_parse: (spec: string) => {
    const mode = readMode(`reverse:${spec}`);
    if (mode.type !== 'reverse') throw new Error('not what was asked for');
    demandHttp(mode.scheme);
    return [mode.scheme, mode.address];
  },
};

function demandHttp(scheme: string): void {
  if (!scheme.startsWith('http')) throw new Error(`the scheme is ${scheme}`);
}
