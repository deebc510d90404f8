/** Vectors of what is answered with recorded responses. */
import { ServerPlayback } from '../../src/proxy/addons/server-playback.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { camelCase } from '../../src/options/set.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { keyText, replayKey } from '../../src/proxy/replay/replay-key.js';
import { testedAddon } from './tested-addon.js';

/** Options as the corpus names them. */
type GivenOptions = Readonly<Record<string, unknown>>;

interface GivenRequest {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hs: readonly (readonly [string, string])[];
  readonly ver?: string;
  readonly body_hex: string | null;
}

/** When the responses were recorded, and an hour later. */
const recordedAt = 1_700_000_000;
const now = recordedAt + 3600;

function optionsOf(given: GivenOptions): GivenOptions {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [camelCase(name), value]));
}

function requestOf({ hs: headers, ver: httpVersion, body_hex: body, ...rest }: GivenRequest): Request {
  const rawContent = body === null ? undefined : Buffer.from(body, 'hex');
  return new Request({ ...rest, headers, httpVersion, rawContent });
}

function isSame({ opts, a, b }: { opts: GivenOptions; a: GivenRequest; b: GivenRequest }): boolean {
  const flag = (name: string): boolean => opts[`server_replay_${name}`] === true;
  const list = (name: string): readonly string[] => (opts[`server_replay_${name}`] ?? []) as readonly string[];
  const options = {
    ...{ ignoreContent: flag('ignore_content'), ignoreHost: flag('ignore_host'), ignorePort: flag('ignore_port') },
    ...{ ignoreParams: list('ignore_params'), ignorePayloadParams: list('ignore_payload_params') },
    useHeaders: list('use_headers'),
  };
  const [first, second] = [a, b].map((given) => keyText(replayKey(requestOf(given), options)));
  return first === second;
}

interface Sequence {
  readonly opts: GivenOptions;
  readonly recorded: readonly (readonly [path: string, body: string | null])[];
  readonly requests: readonly string[];
}

function flowFor(path: string): HttpFlow {
  return new HttpFlow(new Request({ host: 'a.test', port: 80, path, rawContent: Buffer.alloc(0) }));
}

async function sequence({ opts, recorded, requests }: Sequence): Promise<unknown> {
  const addon = new ServerPlayback();
  const { hooks } = await testedAddon(addon, optionsOf(opts), now);
  const { commands } = hooks.given;
  const flows = recorded.map(([path, body]) => {
    const flow = flowFor(path);
    if (body === null) return flow;
    const headers = { Date: new Date(recordedAt * 1000).toUTCString() };
    flow.response = Response.make(200, body, headers);
    flow.response.timestampStart = recordedAt;
    return flow;
  });
  commands.call('replay.server', flows);
  const rows: unknown[] = [['count', commands.call('replay.server.count')]];
  for (const path of requests) {
    const flow = flowFor(path);
    flow.live = true;
    await hooks.fire('request', flow);
    const { response, isReplay, error } = flow;
    const told = [response?.text, response?.headers.get('date'), isReplay, error?.message];
    rows.push([path, ...told.map((one) => one ?? null), commands.call('replay.server.count')]);
  }
  return rows;
}

export const replaySubjects = { serverplayback_match: isSame, serverplayback_sequence: sequence };
