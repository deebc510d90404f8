// Options and commands of one's own, and a value that is refused. Run: mitmdump -s examples/addons/options-and-commands.ts
import { defineCommand, OptionError } from 'pathod/proxy';
import type { AddonContext, HttpFlow, Loader } from 'pathod/proxy';

const options = {
  stage: { type: 'string', default: 'test', help: 'What X-Stage tells servers.' },
} as const;

export function load(loader: Loader): void {
  loader.addOption('stage', options.stage);
  const parameters = [{ name: 'flows', type: 'flows' }] as const;
  const stages = defineCommand(parameters, 'The stages of flows.', (_, flows) =>
    flows.map((flow) => (flow.type === 'http' ? flow.request.headers.get('x-stage') : undefined)),
  );
  loader.addCommand('stage.of', stages);
}

/** Throwing refuses all changes that were made together; the values stay as they were. */
export function configure(updated: ReadonlySet<string>, ctx: AddonContext<typeof options>): void {
  if (!updated.has('stage') || /^[a-z]+$/.test(ctx.options.stage)) return;
  throw new OptionError(`stage takes lower-case letters, not ${JSON.stringify(ctx.options.stage)}`);
}

export function request({ request }: HttpFlow, ctx: AddonContext<typeof options>): void {
  request.headers.set('X-Stage', ctx.options.stage);
}
