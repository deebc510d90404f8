/** Prints how many bytes a call of a hook takes: without a listener, and with one that does nothing. */
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import type { AddonContext } from '../../../src/proxy/hooks/addon.js';
import { Hooks } from '../../../src/proxy/hooks/hooks.js';
import { Request } from '../../../src/proxy/message/request.js';

const rounds = 200_000;
// Nothing of it is looked at.
const hooks = new Hooks({} as AddonContext);
hooks.add({ request: () => undefined });
const flow = new HttpFlow(Request.make('GET', 'http://a.test/'));

/** Bytes that a call takes; the least of some measurements, since others allocate meanwhile. */
function bytes(hook: 'request' | 'response'): number {
  const measured = Array.from({ length: 5 }, () => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < rounds; i++) {
      void hooks.fireFlow(hook, flow);
      void hooks.fire(hook, flow);
    }
    return (process.memoryUsage().heapUsed - before) / (2 * rounds);
  });
  return Math.min(...measured);
}

console.log(JSON.stringify({ unheard: bytes('response'), heard: bytes('request') }));
