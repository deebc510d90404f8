import type { Addon } from './addon.js';

/** Where addons stand that come and go together. */
export interface AddonPlace {
  /** Those that see the traffic. */
  addons: readonly Addon[];
}

/** How an addon brings others. */
export interface AddonPort {
  /**
   * Loads addons and lets them have a place at once: every message is seen by those that had it or by these. What they
   * declare may be what those have declared; values of options stay. Those are `done` then.
   * @param behind gives an addon that is there: they stand behind it when nobody has had the place
   * @param signal gives the loading up: everything is as before at once, and what becomes of it later is nobody's
   * @throws what {@link Addon} functions throw while they are loaded: everything is as before then
   */
  replace(place: AddonPlace, next: readonly Addon[], behind: () => Addon, signal?: AbortSignal): Promise<void>;
  /** Puts addons that are there in this order. @param behind an addon that is there: they stand behind it */
  arrange(addons: readonly Addon[], behind: Addon): void;
}

/** Where there is nobody to add addons to. */
export const noAddons: AddonPort = { replace: () => Promise.resolve(), arrange: () => undefined };
