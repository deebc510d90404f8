import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.js';

/** A Firefox under a test's hand. */
export interface Firefox {
  /** Runs an asynchronous function, given as text, in the browser's own context, where its chrome is at hand. */
  evaluate<T>(text: string, ...argv: readonly string[]): Promise<T>;
}

/** Starts Firefox, without a window and offline. It is closed when the test that started it is over. */
export async function startFirefox(): Promise<Firefox> {
  const profile = temporaryDirectory();
  writeFileSync(join(profile, 'user.js'), 'user_pref("marionette.port", 0);\n');
  const flags = ['--headless', '--offline', '--no-remote', '--marionette', '--remote-allow-system-access'];
  const child = spawn('firefox-esr', [...flags, '--profile', profile], {
    env: { ...process.env, HOME: profile },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const marionette = await Marionette.connect(await portIn(child.stdout));
  await marionette.command('WebDriver:NewSession', {});
  await marionette.command('Marionette:SetContext', { value: 'chrome' });
  return {
    async evaluate<T>(text: string, ...args: readonly string[]) {
      const script = `
        const argv = [...arguments];
        const resolve = argv.pop();
        (${text})(...argv).then((done) => resolve({ done }), (error) => resolve({ error: error + '\\n' + error.stack }))`;
      const answer = await marionette.command('WebDriver:ExecuteAsyncScript', { script, args });
      // What the script above resolves with; what its function gives is the caller's to know.
      const { value } = answer as { value: { done: T; error?: string } };
      if (value.error !== undefined) throw new Error(value.error);
      return value.done;
    },
  };
}

/** Where it listens, as it says itself. What it says later is passed over. */
function portIn(output: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /Marionette\s+INFO\s+Listening on port (\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    output.on('end', () => {
      reject(new Error(`firefox-esr did not start: ${text}`));
    });
  });
}

type Answer = readonly [type: 1, id: number, error: unknown, result: unknown];

/** The client's side of the protocol that Firefox is driven with: JSON, each with its length in bytes before it. */
class Marionette {
  private id = 0;

  private constructor(
    private readonly send: (text: string) => void,
    private readonly packets: AsyncIterator<unknown>,
  ) {}

  static async connect(port: number): Promise<Marionette> {
    const socket = createConnection(port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    const packets = packetsOf(socket);
    // The server's greeting.
    await packets.next();
    return new Marionette((text) => socket.write(`${String(Buffer.byteLength(text))}:${text}`), packets);
  }

  /** One at a time. */
  async command(name: string, parameters: unknown): Promise<unknown> {
    this.send(JSON.stringify([0, ++this.id, name, parameters]));
    const packet = await this.packets.next();
    if (packet.done === true) throw new Error(`firefox-esr left during ${name}`);
    // After the greeting the server sends nothing but answers.
    const [, , error, result] = packet.value as Answer;
    if (error !== null) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return result;
  }
}

async function* packetsOf(socket: AsyncIterable<Buffer>): AsyncGenerator<unknown, void> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const start = bytes.indexOf(':') + 1;
      const end = start + Number(bytes.toString('latin1', 0, start - 1));
      if (start === 0 || bytes.length < end) break;
      yield JSON.parse(bytes.toString('utf8', start, end));
      bytes = bytes.subarray(end);
    }
  }
}
