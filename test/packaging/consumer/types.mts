// Compiled, not run: the declarations that an ESM project sees.
import { Daemon, type SpecError } from 'pathod';
import { type Addon, type Flow, Proxy, Response } from 'pathod/proxy';
import { AddonTest, httpFlow } from 'pathod/proxy/testing';
import { type Message, parseResponse, render } from 'pathod/language';

export async function use(): Promise<Buffer> {
  await using daemon = await Daemon.start();
  const address: string = daemon.p('200');
  const messages: Message[] = parseResponse(`200:b"${address}"`);
  const canonical: string | undefined = messages[0]?.spec;
  return messages[0] === undefined ? Buffer.from(String(canonical)) : render(messages[0]);
}

export function caret(error: SpecError): string {
  return error.marked();
}

const addon: Addon = {
  request(flow) {
    flow.response = Response.make(204);
  },
};

export async function through(): Promise<Flow> {
  await using proxy = await Proxy.start({ mode: 'regular', addons: [addon], sslInsecure: true });
  return proxy.waitForFlow('~m get', 100);
}

export async function alone(): Promise<number | undefined> {
  await using tested = await AddonTest.start(addon, { options: { anticache: true } });
  const flow = await tested.fire('request', httpFlow({ request: 'http://a.test/' }));
  return flow.response?.statusCode;
}
