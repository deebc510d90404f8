import type { AddonContext, HttpFlow } from '../../../src/proxy/index.js';

export const options = { tagValue: { type: 'string', default: 'none', help: 'What X-Tag says.' } } as const;

export function request(flow: HttpFlow, context: AddonContext<typeof options>): void {
  flow.request.headers.set('X-Tag', context.options.tagValue);
}
