import type { OptionTable, OptionValues } from '../../options/define.js';
import { handshakeKey, acceptKey } from '../../wire/websocket-handshake.js';
import { HeaderFields } from '../../wire/headers.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { WebSocketData } from '../flow/websocket.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { defineCommand } from '../hooks/command.js';
import type { ServerConnectionData } from '../hooks/hook-data.js';
import { HostLists } from '../host-lists.js';
import { Response } from '../message/response.js';
import { outputOptions, refuseOwnOutput } from '../refuse-own-output.js';
import { RecordedConversation } from '../replay/recorded-conversation.js';
import { RecordedResponses } from '../replay/recorded-responses.js';
import { httpFlowsOf } from '../replay/http-flows-of.js';
import type { ReplayKeyOptions } from '../replay/replay-key.js';
import { ownOptions } from './own-options.js';
import { serverReplayOptions } from './server-replay-options.js';

type Values = OptionValues<typeof serverReplayOptions>;

/**
 * Answers requests with what was recorded: the options `server_replay` and those that begin like it. While there is
 * something to answer with, or was, the option `server_replay_extra` says what becomes of other requests; servers are
 * not connected to before a request is for them, and not at all when such requests are not passed on.
 */
export class ServerPlayback implements Addon {
  readonly name = 'serverplayback';
  readonly options: OptionTable = serverReplayOptions;
  readonly commands = {
    'replay.server': defineCommand([{ name: 'flows', type: 'flows' }], 'Answer with these flows alone.', (_, flows) => {
      this.recorded.clear();
      this.recorded.add(flows.filter((flow) => flow.type === 'http'));
    }),
    'replay.server.add': defineCommand(
      [{ name: 'flows', type: 'flows' }],
      'Answer with these flows, too.',
      (_, flows) => {
        this.recorded.add(flows.filter((flow) => flow.type === 'http'));
      },
    ),
    'replay.server.file': defineCommand(
      [{ name: 'path', type: 'text' }],
      'Answer with the flows of a file alone.',
      async (_, path) => {
        const flows = await httpFlowsOf('replay.server.file', [path]);
        this.recorded.clear();
        this.recorded.add(flows);
      },
    ),
    'replay.server.stop': defineCommand([], 'Answer no more.', () => {
      this.recorded.clear();
      this.isAsked = false;
    }),
    'replay.server.count': defineCommand([], 'How many flows are left to answer with.', () => this.recorded.count),
    'replay.server.busy': defineCommand(
      [],
      'How many flows can still answer, or do just now.',
      () => this.recorded.answers + this.answering.size,
    ),
  };
  private recorded = new RecordedResponses(keyOptionsOf(undefined));
  /** Whether the option names files: what is in them may be nothing. */
  private isAsked = false;
  private hosts: HostLists | undefined;
  private readonly answered = new Set<HttpFlow>();
  private readonly conversations = new WeakMap<HttpFlow, WebSocketData>();
  private readonly playing = new WeakMap<HttpFlow, RecordedConversation>();

  /** Whether requests are answered from here. */
  get keepsServersAway(): boolean {
    return this.isAsked || !this.recorded.isEmpty;
  }

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    const values = ownOptions(serverReplayOptions, context);
    if (updated.has('ignoreHosts') || updated.has('allowHosts')) this.hosts = new HostLists(context.options);
    if (keyNames.some((key) => updated.has(key))) this.recorded.compareBy(keyOptionsOf(values));
    if (['serverReplay', ...outputOptions].some((key) => updated.has(key))) {
      await refuseOwnOutput(values.serverReplay, context, true);
    }
    if (!updated.has('serverReplay')) return;
    const flows = await httpFlowsOf('server_replay', values.serverReplay);
    this.isAsked = values.serverReplay.length > 0;
    this.recorded.clear();
    this.recorded.add(flows);
  }

  running(_: undefined, context: AddonContext): void {
    if (this.hosts?.ignoresAny !== true || this.lets(context)) return;
    const what = `server_replay_extra=${extraOf(ownOptions(serverReplayOptions, context))} does not hold`;
    context.log.warn(`${what} for hosts that are passed on undecrypted: ignore_hosts and allow_hosts come first`);
  }

  isIdle(): boolean {
    return !this.keepsServersAway && this.answering.size === 0;
  }

  /** What is asked for is told by the whole request, and there is no server that a body could be passed on to. */
  requestheaders(flow: HttpFlow, context: AddonContext): void {
    if (this.lets(context) || flow.response !== undefined) return;
    flow.request.stream = false;
  }

  request(flow: HttpFlow, context: AddonContext): void {
    if (!this.keepsServersAway || flow.response !== undefined || flow.error !== undefined) return;
    const values = ownOptions(serverReplayOptions, context);
    const found = this.recorded.take(flow.request, values.serverReplayReuse || values.serverReplayNopop);
    if (found?.response === undefined) this.miss(flow, values, context);
    else this.answer(flow, found, found.response, values.serverReplayRefresh, context.now());
  }

  serverConnect({ server, client }: ServerConnectionData, context: AddonContext): void {
    if (this.lets(context)) return;
    const names = { host: server.address?.[0], port: server.address?.[1], serverName: client.sni };
    if (this.hosts?.isIgnored(names) === true) return;
    server.error ??= 'responses are replayed, and server_replay_extra lets nothing through';
  }

  websocketStart(flow: HttpFlow, context: AddonContext): void {
    const recorded = this.conversations.get(flow);
    if (recorded === undefined) return;
    const conversation = new RecordedConversation(flow, recorded);
    this.playing.set(flow, conversation);
    conversation.play(context);
  }

  websocketMessage(flow: HttpFlow, context: AddonContext): void {
    const conversation = this.playing.get(flow);
    const message = flow.websocket?.messages.at(-1);
    if (message?.fromClient === true && !message.injected) conversation?.hear(message.content, context);
  }

  /** Whether servers may be connected to. */
  private lets(context: AddonContext): boolean {
    return !this.keepsServersAway || extraOf(ownOptions(serverReplayOptions, context)) === 'forward';
  }

  private answer(flow: HttpFlow, found: HttpFlow, recorded: Response, refresh: boolean, now: number): void {
    const response = recorded.clone();
    if (refresh) response.refresh(now);
    response.timestampStart = response.timestampEnd = now;
    flow.response = response;
    flow.isReplay = 'response';
    this.answering.add(flow);
    if (found.websocket === undefined) return;
    // The answer to another key; compression was agreed on with another client.
    const key = handshakeKey(new HeaderFields(flow.request.headers.block));
    if (key !== undefined) response.headers.set('Sec-WebSocket-Accept', acceptKey(key));
    response.headers.delete('sec-websocket-extensions');
    this.conversations.set(flow, found.websocket);
  }

  /** The flows that are being answered: those with a response on its way, or with an open WebSocket. */
  private get answering(): Set<HttpFlow> {
    for (const flow of this.answered) if (!flow.live) this.answered.delete(flow);
    return this.answered;
  }

  private miss(flow: HttpFlow, values: Values, { log, now }: AddonContext): void {
    const extra = extraOf(values);
    const { method, prettyUrl } = flow.request;
    const what = `server_replay: no response to ${method} ${prettyUrl}: ${this.recorded.explain(flow.request)}`;
    const fate = { forward: 'passed on to the server', kill: 'killed' } as const;
    log.warn(`${what}. It is ${extra in fate ? fate[extra as keyof typeof fate] : `answered with ${extra}`}.`);
    if (extra === 'forward') return;
    if (extra !== 'kill') {
      const status = Number(extra);
      flow.response =
        status === noContent
          ? Response.make(status)
          : Response.make(status, `${what}\n`, { 'Content-Type': 'text/plain' });
    } else if (flow.killable) flow.kill(now());
  }
}

const noContent = 204;

/** Options by which requests are compared. */
const keyNames: readonly (keyof Values)[] = [
  ...(['serverReplayIgnoreContent', 'serverReplayIgnoreHost', 'serverReplayIgnorePort'] as const),
  ...(['serverReplayIgnoreParams', 'serverReplayIgnorePayloadParams', 'serverReplayUseHeaders'] as const),
];

function keyOptionsOf(values: Values | undefined): ReplayKeyOptions {
  return {
    ignoreContent: values?.serverReplayIgnoreContent ?? false,
    ignoreHost: values?.serverReplayIgnoreHost ?? false,
    ignorePort: values?.serverReplayIgnorePort ?? false,
    ignoreParams: values?.serverReplayIgnoreParams ?? [],
    ignorePayloadParams: values?.serverReplayIgnorePayloadParams ?? [],
    useHeaders: values?.serverReplayUseHeaders ?? [],
  };
}

function extraOf({ serverReplayExtra, serverReplayKillExtra }: Values): Values['serverReplayExtra'] {
  return serverReplayKillExtra ? 'kill' : serverReplayExtra;
}
