// Saves the body of each response to a file of its own. Run: mitmdump -s examples/addons/save-bodies.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

const options = {
  bodiesDirectory: { type: 'string', default: 'bodies', help: 'Where the bodies go; made when it is missing.' },
} as const;

export default class SaveBodies {
  readonly options = options;
  private count = 0;

  async response({ request, response }: HttpFlow, ctx: AddonContext<typeof options>): Promise<void> {
    // Decoded where that is possible. Undefined when the body was passed on as it arrived.
    const body = response?.getContent(false);
    if (body === undefined || body.length === 0) return;
    const name = `${request.prettyHost}${request.path}`.replaceAll(/[^\w.-]+/g, '_').slice(0, 100);
    const number = String(++this.count).padStart(4, '0');
    await mkdir(ctx.options.bodiesDirectory, { recursive: true });
    await writeFile(join(ctx.options.bodiesDirectory, `${number}-${name}`), body);
  }
}
