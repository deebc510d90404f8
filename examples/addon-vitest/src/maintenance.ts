import { defineCommand, OptionError, Response } from 'pathod/proxy';
import type { Addon, AddonContext, HttpFlow } from 'pathod/proxy';

const options = { closedPath: { type: 'string', default: '/admin', help: 'Turn these requests away.' } } as const;

/** Turns requests away while a part of a site is being mended. */
export class Maintenance implements Addon {
  readonly options = options;
  readonly commands = { 'maintenance.count': defineCommand([], 'How many were turned away.', () => this.count) };
  private count = 0;

  configure(_: ReadonlySet<string>, { options: { closedPath } }: AddonContext<typeof options>): void {
    if (!closedPath.startsWith('/')) throw new OptionError('closedPath begins with a slash');
  }

  request(flow: HttpFlow, { options: { closedPath }, log }: AddonContext<typeof options>): void {
    if (!flow.request.path.startsWith(closedPath)) return;
    flow.response = Response.make(503, 'back soon', { 'Retry-After': '60' });
    log.info(`turned away: ${flow.request.method} ${flow.request.path}`);
    this.count++;
  }
}
