// Refuses requests to the hosts that a file lists. Run: mitmdump -s examples/addons/block-hosts.ts --set block_file=FILE
import { readFile } from 'node:fs/promises';
import { Response } from 'pathod/proxy';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

const options = {
  blockFile: { type: 'string', default: '', help: 'File of hosts to refuse, one a line; those below them, too.' },
} as const;

export default class BlockHosts {
  readonly options = options;
  private hosts: readonly string[] = [];

  /** A file that cannot be read throws here, which refuses the option. */
  async configure(updated: ReadonlySet<string>, ctx: AddonContext<typeof options>): Promise<void> {
    if (!updated.has('blockFile')) return;
    const { blockFile } = ctx.options;
    const text = blockFile === '' ? '' : await readFile(blockFile, 'utf8');
    this.hosts = text
      .toLowerCase()
      .split(/\s+/)
      .filter((host) => host !== '');
  }

  request(flow: HttpFlow): void {
    const name = flow.request.prettyHost.toLowerCase();
    if (!this.hosts.some((host) => name === host || name.endsWith(`.${host}`))) return;
    flow.response = Response.make(403, `${name} is blocked.\n`, { 'Content-Type': 'text/plain' });
  }
}
