// Compiled, not run: the declarations that a CommonJS project sees.
import pathod = require('pathod');
import language = require('pathod/language');
import proxies = require('pathod/proxy');
import testing = require('pathod/proxy/testing');

export async function use(): Promise<string | undefined> {
  const daemon: pathod.Daemon = await pathod.Daemon.start();
  const [message]: language.Message[] = language.parseResponse(daemon.p('200'));
  await daemon.stop();
  return message?.spec;
}

export async function through(): Promise<readonly proxies.Flow[]> {
  const proxy: proxies.Proxy = await proxies.Proxy.start({ mode: ['regular', 'socks5'] });
  await proxy.stop();
  return proxy.flows('~http');
}

export function made(): proxies.HttpFlow {
  return testing.httpFlow({ response: 404 });
}
