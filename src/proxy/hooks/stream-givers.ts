import type { HttpFlow } from '../flow/http-flow.js';
import type { Message, StreamFilter } from '../message/message.js';
import type { Addon } from './addon.js';
import type { HookName } from './hook-table.js';

/** Hooks in which a message is given a function for its body. */
const givingHooks: ReadonlySet<HookName> = new Set<HookName>(['requestheaders', 'responseheaders']);

/** Which addon gave which function for a body: the function is called when no hook is. */
export class StreamGivers {
  private readonly addons = new WeakMap<StreamFilter, Addon>();

  /** Lets a function of an addon for a hook be called so that it is noted what it gives; itself, when it can give none. */
  watch(hook: HookName, addon: Addon, call: (subject: unknown) => unknown): (subject: unknown) => unknown {
    if (!givingHooks.has(hook)) return call;
    return (subject) => {
      // These hooks are about HTTP flows.
      const flow = subject as HttpFlow;
      let returned: unknown;
      try {
        returned = call(subject);
      } finally {
        this.note(addon, flow);
      }
      if (!(returned instanceof Promise)) return returned;
      return returned.finally(() => {
        this.note(addon, flow);
      });
    };
  }

  /** Who gave a function first, when that was in a hook. */
  giverOf(filter: StreamFilter): Addon | undefined {
    return this.addons.get(filter);
  }

  private note(addon: Addon, { request, response }: HttpFlow): void {
    this.noteOf(addon, request);
    if (response !== undefined) this.noteOf(addon, response);
  }

  private noteOf(addon: Addon, { stream }: Message): void {
    if (typeof stream === 'function' && !this.addons.has(stream)) this.addons.set(stream, addon);
  }
}
