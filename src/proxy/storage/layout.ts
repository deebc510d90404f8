import { OptionError } from '../../errors.js';

/** Versions of the flow dictionary that are written: 17 for mitmproxy 8.1.1 and all later ones, 21 for the newest. */
export type FlowLayout = 17 | 21;

/** The oldest version that is read is 0.11. */
export const oldestRelease = 11;

/** The newest version that is read. */
export const newestVersion = 21;

/** Types do not bind JavaScript. @throws {OptionError} for what is no layout */
export function checkLayout(layout: unknown): void {
  if (layout !== undefined && layout !== 17 && layout !== 21) throw new OptionError('layout takes 17 or 21');
}
