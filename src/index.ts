/** Everything that tests use: the daemon, the client, the language. */
export * from './errors.js';
export * from './language/index.js';
export { staticFiles } from './net/static-files.js';
export type { Clock } from './net/clock.js';
export * from './pathoc/index.js';
export * from './pathod/index.js';
