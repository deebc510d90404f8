// Compiled, not run: the declarations that a CommonJS project sees.
import pathod = require('pathod');
import language = require('pathod/language');

export async function use(): Promise<string | undefined> {
  const daemon: pathod.Daemon = await pathod.Daemon.start();
  const [message]: language.Message[] = language.parseResponse(daemon.p('200'));
  await daemon.stop();
  return message?.spec;
}
