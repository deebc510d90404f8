import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/net/clock.js';
import { Proxy } from '../../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../../src/proxy/index.js';

/** A proxy with one of the examples. */
export interface StartedExample {
  readonly proxy: Proxy;
  /** The lines of its log. */
  readonly lines: readonly string[];
}

/** Sends a GET request to a proxy, in a form that `fetch` would not take. */
export async function ask(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const sent = request({ host: '127.0.0.1', port, path: target, headers });
  sent.end();
  // The event has no type.
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, text: await text(response) };
}

/** How the proxy is started: its options, those of the example among them. */
export interface ExampleSettings extends ProxyOptions {
  /** The port of the server behind the proxy; there is a mode otherwise. */
  readonly before?: number;
  readonly clock?: Clock;
}

/** Starts a proxy with a script of `examples/addons`. It is stopped when the test is over. */
export async function startExample(
  name: string,
  { before, clock, addonOptions, ...options }: ExampleSettings = {},
): Promise<StartedExample> {
  const lines: string[] = [];
  const log = ({ level, message }: { level: string; message: string }): void => {
    // What is none of the example.
    if (!/: server connect |^Loading script /.test(message)) lines.push(`${level}: ${message}`);
  };
  const mode = before === undefined ? 'regular' : `reverse:http://127.0.0.1:${String(before)}`;
  const scripts = [resolve('examples/addons', name)];
  const given = { mode, keepHostHeader: true, ...options, addonOptions: { scripts, ...addonOptions } };
  const proxy = await Proxy.start(given, { log, clock });
  onTestFinished(() => proxy.stop());
  return { proxy, lines };
}
