// The fine-grained logger is part of mitmdump: the option verbose_pattern is always there, and turns it on. This file is
// what services.mitmdump.addons.logger names, so that configurations which enable it stay as they are.

/** Says what is missing when the logger was enabled, and nothing else was said. */
export function running(_, { log, options }) {
  if (!options.verbosePattern) log.info('the logger prints nothing: verbose_pattern is not set');
}
