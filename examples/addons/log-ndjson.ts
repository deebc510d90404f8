// Writes a line of JSON for each exchange. Run: mitmdump -s examples/addons/log-ndjson.ts --set ndjson_file=FILE
import { appendFile } from 'node:fs/promises';
import type { AddonContext, HttpFlow } from 'pathod/proxy';

export const options = {
  ndjsonFile: { type: 'string', default: 'exchanges.ndjson', help: 'File that lines are added to.' },
} as const;

export async function response(flow: HttpFlow, ctx: AddonContext<typeof options>): Promise<void> {
  const { request, response, error } = flow;
  const entry = {
    time: new Date(1000 * request.timestampStart).toISOString(),
    method: request.method,
    url: request.prettyUrl,
    status: response?.statusCode,
    bytes: response?.rawContent?.length,
    error: error?.message,
  };
  await appendFile(ctx.options.ndjsonFile, `${JSON.stringify(entry)}\n`);
}

/** Of each exchange either `response` or `error` is called. */
export const error = response;
