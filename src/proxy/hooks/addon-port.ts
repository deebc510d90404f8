import type { Addon } from './addon.js';

/** How an addon brings others. */
export interface AddonPort {
  /**
   * Loads addons and lets them take the place of others at once: every message is seen by those or by these. What they
   * declare may be what those have declared; values of options stay. Those are `done` then.
   * @param behind an addon that is there: they stand behind it
   * @throws what {@link Addon} functions throw while they are loaded: everything is as before then
   */
  replace(former: readonly Addon[], next: readonly Addon[], behind: Addon): Promise<void>;
  /** Puts addons that are there in this order. @param behind an addon that is there: they stand behind it */
  arrange(addons: readonly Addon[], behind: Addon): void;
}

/** Where there is nobody to add addons to. */
export const noAddons: AddonPort = { replace: () => Promise.resolve(), arrange: () => undefined };
