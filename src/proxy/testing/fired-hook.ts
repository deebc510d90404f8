import { showValue } from '../../options/show-value.js';
import { nearest } from '../../options/suggest.js';
import type { Flow } from '../flow/flow.js';
import { hookNames } from '../hooks/hook-table.js';
import type { FlowHookName, HookName } from '../hooks/hook-table.js';

/** Hooks that a test calls; those of an addon's life are called by the test of the addon itself. */
export type FiredHook = Exclude<HookName, (typeof lifeHooks)[number]>;

const lifeHooks = ['load', 'configure', 'running', 'done'] as const;

/** What flows are called, by their type. */
const flowNames = { http: 'an HttpFlow', tcp: 'a TcpFlow', udp: 'a UdpFlow', dns: 'a DnsFlow' } as const;

const [http, tcp, udp, dns] = ['http', 'tcp', 'udp', 'dns'] as const;

/** The type of the flow that a hook is about. */
const flowTypes: Readonly<Record<FlowHookName, Flow['type']>> = {
  ...{ requestheaders: http, request: http, responseheaders: http, response: http, error: http },
  ...{ httpConnect: http, httpConnectUpstream: http, httpConnected: http, httpConnectError: http },
  ...{ websocketStart: http, websocketMessage: http, websocketEnd: http },
  ...{ tcpStart: tcp, tcpMessage: tcp, tcpEnd: tcp, tcpError: tcp },
  ...{ udpStart: udp, udpMessage: udp, udpEnd: udp, udpError: udp },
  ...{ dnsRequest: dns, dnsResponse: dns, dnsError: dns },
};

const serverData = 'a ServerConnectionData';
const tlsData = 'a TlsData';

/** What the other hooks are about. */
const subjects: Readonly<Record<Exclude<FiredHook, FlowHookName>, string>> = {
  ...{ update: 'a list of flows', addLog: 'a LogEntry', nextLayer: 'a NextLayerData', socks5Auth: 'a Socks5AuthData' },
  ...{ clientConnected: 'a ClientConnection', clientDisconnected: 'a ClientConnection' },
  ...{ serverConnect: serverData, serverConnected: serverData },
  ...{ serverDisconnected: serverData, serverConnectError: serverData },
  ...{ tlsClienthello: 'a TlsClientHelloData', tlsStartClient: tlsData, tlsStartServer: tlsData },
  ...{
    tlsEstablishedClient: tlsData,
    tlsEstablishedServer: tlsData,
    tlsFailedClient: tlsData,
    tlsFailedServer: tlsData,
  },
};

/**
 * Looks at what a test calls, and with what: types do not bind JavaScript, and the addon would be blamed.
 * @throws {TypeError} for what is no hook that a test calls, and for what that hook is never about
 */
export function checkFired(hook: FiredHook, subject: unknown): void {
  checkHook(hook);
  const wanted = isAboutFlow(hook) ? flowNames[flowTypes[hook]] : subjects[hook];
  const isIt = isAboutFlow(hook)
    ? typeOf(subject) === flowTypes[hook]
    : hook === 'update'
      ? Array.isArray(subject)
      : typeof subject === 'object' && subject !== null;
  if (!isIt) throw new TypeError(`fire takes ${wanted} for ${hook}, not ${shown(subject)}`);
}

/** @throws {TypeError} for what is no flow */
export function checkCycled(flow: unknown): void {
  if (typeOf(flow) === undefined) throw new TypeError(`cycle takes a flow, not ${shown(flow)}`);
}

function checkHook(hook: string): void {
  if (lifeHooks.some((name) => name === hook)) throw new TypeError(`${hook} is called by the AddonTest itself`);
  if (hookNames.some((name) => name === hook)) return;
  const near = nearest(hook, hookNames);
  throw new TypeError(`there is no hook ${hook}${near === undefined ? '' : `, did you mean ${near}?`}`);
}

function isAboutFlow(hook: FiredHook): hook is FlowHookName {
  return Object.hasOwn(flowTypes, hook);
}

function typeOf(subject: unknown): Flow['type'] | undefined {
  if (typeof subject !== 'object' || subject === null || !('type' in subject)) return undefined;
  const { type } = subject;
  return [http, tcp, udp, dns].find((known) => known === type);
}

function shown(subject: unknown): string {
  const type = typeOf(subject);
  return type === undefined ? showValue(subject) : flowNames[type];
}
