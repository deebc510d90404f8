/** Vectors of rules that change traffic, and of the addons that apply them. */
import { serverName } from '../../src/proxy/addons/local-response.js';
import { BlockList } from '../../src/proxy/addons/block-list.js';
import { MapLocal } from '../../src/proxy/addons/map-local.js';
import { MapRemote } from '../../src/proxy/addons/map-remote.js';
import { ModifyBody } from '../../src/proxy/addons/modify-body.js';
import { ModifyHeaders } from '../../src/proxy/addons/modify-headers.js';
import { StickyAuth } from '../../src/proxy/addons/sticky-auth.js';
import { StickyCookie } from '../../src/proxy/addons/sticky-cookie.js';
import { compilePattern } from '../../src/proxy/filter/pattern/compile-pattern.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { cookieExpiry } from '../../src/proxy/message/cookie-expiry.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';
import { localCandidates } from '../../src/proxy/rules/local-candidates.js';
import { readRule } from '../../src/proxy/rules/rule.js';
import { unescapeBytes } from '../../src/proxy/rules/unescape.js';
import { testedAddon } from './tested-addon.js';

type Pairs = readonly (readonly [name: string, value: string])[];

/** The corpus is of a program that says so in its responses. */
const itsName = 'mitmproxy 8.1.1';

function pairsOf(message: Request | Response): Pairs {
  return Array.from(message.headers, ([name, value]) => [name, value === serverName ? itsName : value]);
}

function liveFlow(request: Request): HttpFlow {
  const flow = new HttpFlow(request);
  flow.live = true;
  return flow;
}

interface Specs {
  readonly specs: readonly string[];
}

async function blockList({ specs }: Specs): Promise<unknown> {
  const { hooks } = await testedAddon(new BlockList(), { blockList: specs });
  const flow = liveFlow(Request.make('GET', 'http://ads.test/x'));
  await hooks.fire('request', flow);
  const { response, metadata, error } = flow;
  return {
    metadata,
    error: error?.message ?? null,
    response:
      response === undefined
        ? null
        : [response.statusCode, response.reason, pairsOf(response), response.content?.toString() ?? null],
  };
}

async function mapLocal({ specs, path }: Specs & { readonly path: string }): Promise<unknown> {
  const { hooks } = await testedAddon(new MapLocal(), { mapLocal: specs });
  const request = new Request({
    host: 'a.test',
    port: 80,
    path,
    headers: [['Host', 'a.test']],
    rawContent: Buffer.alloc(0),
  });
  const flow = liveFlow(request);
  await hooks.fire('request', flow);
  const { subject, replacement } = readRule(specs[0] ?? '');
  const { response } = flow;
  return {
    candidates_first_spec:
      localCandidates(request.prettyUrl, compilePattern(subject, { over: 'text' }), replacement) ?? null,
    response:
      response === undefined
        ? null
        : { status: response.statusCode, headers: pairsOf(response), body: response.content?.toString('latin1') },
  };
}

interface RemoteCase extends Specs {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly hosthdr: string | null;
}

async function mapRemote({ specs, hosthdr, ...init }: RemoteCase): Promise<unknown> {
  const { hooks, lines } = await testedAddon(new MapRemote(), { mapRemote: specs });
  const request = new Request({ ...init, headers: hosthdr === null ? [] : [['Host', hosthdr]] });
  await hooks.fire('request', liveFlow(request));
  if (lines.length > 0) throw new Error(lines.join('\n'));
  const { scheme, host, port, path, url, prettyUrl } = request;
  return { scheme, host, port, path, headers: pairsOf(request), url, pretty_url: prettyUrl };
}

interface BodyCase extends Specs {
  /** ISO 8859-1 text. */
  readonly req: string;
  readonly resp: string;
  readonly live?: boolean;
}

async function modifyBody({ specs, req, resp, live = true }: BodyCase): Promise<unknown> {
  const { hooks } = await testedAddon(new ModifyBody(), { modifyBody: specs });
  const request = new Request({ method: 'POST', host: 'h.test', port: 80, rawContent: Buffer.from(req, 'latin1') });
  const flow = new HttpFlow(request);
  flow.live = live;
  await hooks.fire('request', flow);
  const after = request.rawContent?.toString('latin1');
  const response = new Response({
    ...{ statusCode: 200, headers: [['Content-Type', 'text/html']] as Pairs },
    rawContent: Buffer.from(resp, 'latin1'),
  });
  flow.response = response;
  await hooks.fire('response', flow);
  return {
    request_after: after,
    request_final: request.rawContent?.toString('latin1'),
    response: response.rawContent?.toString('latin1'),
    response_headers: pairsOf(response),
  };
}

async function modifyHeaders({ specs }: Specs): Promise<unknown> {
  const { hooks } = await testedAddon(new ModifyHeaders(), { modifyHeaders: specs });
  const headers: Pairs = [
    ['Host', 'h.test'],
    ['X-One', '1'],
    ['x-one', '2'],
    ['X-Two', 't'],
  ];
  const flow = liveFlow(new Request({ host: 'h.test', port: 80, headers }));
  await hooks.fire('request', flow);
  const received: Pairs = [
    ['Server', 's'],
    ['X-One', 'r'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ];
  flow.response = new Response({ statusCode: 200, headers: received });
  await hooks.fire('response', flow);
  return { request: pairsOf(flow.request), response: pairsOf(flow.response) };
}

interface Step {
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly auth?: string;
  readonly cookie?: string;
  readonly set?: readonly string[];
}

interface Steps {
  readonly filter: string | null;
  readonly steps: readonly Step[];
}

async function stickyAuth({ filter, steps }: Steps): Promise<unknown> {
  const { hooks } = await testedAddon(new StickyAuth(), { stickyauth: filter ?? undefined });
  const seen: unknown[] = [];
  for (const { auth, ...step } of steps) {
    const request = requestOf(step, auth === undefined ? [] : [['Authorization', auth]]);
    await hooks.fire('request', liveFlow(request));
    seen.push(request.headers.get('authorization') ?? null);
  }
  return seen;
}

async function stickyCookie({ filter, steps }: Steps): Promise<unknown> {
  const { hooks } = await testedAddon(new StickyCookie(), { stickycookie: filter ?? undefined });
  const seen: unknown[] = [];
  for (const { cookie, set, ...step } of steps) {
    const flow = liveFlow(requestOf(step, cookie === undefined ? [] : [['Cookie', cookie]]));
    await hooks.fire('request', flow);
    seen.push({ cookie: flow.request.headers.get('cookie') ?? null, metadata: flow.metadata });
    if (set === undefined) continue;
    flow.response = new Response({ statusCode: 200, headers: set.map((value) => ['Set-Cookie', value] as const) });
    await hooks.fire('response', flow);
  }
  return seen;
}

function requestOf({ host, port = 80, path = '/' }: Step, headers: Pairs): Request {
  return new Request({ host, port, path, headers });
}

export const ruleSubjects = {
  block_list: blockList,
  cookies_expiry: ({ attrs, now }: { attrs: Pairs; now: number }) => {
    const expiry = cookieExpiry({ attributes: attrs }, now);
    return { ts: expiry ?? null, expired: expiry !== undefined && expiry <= now };
  },
  escaped_str_to_bytes: (text: string) => unescapeBytes(text).toString('hex'),
  map_local: mapLocal,
  map_remote: mapRemote,
  modify_body: modifyBody,
  modify_headers: modifyHeaders,
  parse_spec: (text: string) => {
    const { filter, subject, replacement } = readRule(text);
    return [filter, subject, replacement];
  },
  stickyauth: stickyAuth,
  stickycookie: stickyCookie,
};
