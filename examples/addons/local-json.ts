// Answers a path with a local file, as it is at that time. Run: mitmdump -s examples/addons/local-json.ts
import { readFile } from 'node:fs/promises';
import { Response } from 'pathod/proxy';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  localPath: { type: 'string', default: '/config.json', help: 'Path that is answered with the file.' },
  localFile: { type: 'string', default: 'config.json', help: 'The file.' },
} as const;

export async function request(flow: HttpFlow, ctx: AddonContext<typeof options>): Promise<void> {
  const [path] = flow.request.path.split('?');
  if (path !== ctx.options.localPath) return;
  const content = await readFile(ctx.options.localFile);
  flow.response = Response.make(200, content, { 'Content-Type': 'application/json' });
}
