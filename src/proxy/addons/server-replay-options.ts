import type { OptionTable } from '../../options/define.js';

const group = 'Replay';

/** The options of the addon that answers with what was recorded. */
export const serverReplayOptions = {
  serverReplay: {
    type: 'list',
    short: 'S',
    group,
    valueName: 'FILE',
    help: 'Answer requests with the responses in this file.',
  },
  serverReplayExtra: {
    type: 'choice',
    choices: ['forward', 'kill', '204', '400', '404', '500'],
    default: 'forward',
    group,
    help: 'What becomes of requests that nothing was recorded for: passed on, killed, or answered with a status.',
  },
  serverReplayKillExtra: {
    type: 'boolean',
    negatable: true,
    group,
    help: 'Kill requests that nothing was recorded for: server_replay_extra=kill.',
  },
  serverReplayReuse: {
    type: 'boolean',
    negatable: true,
    group,
    help: 'Give the first response that was recorded for a request again and again; those behind it are not given.',
  },
  serverReplayNopop: { type: 'boolean', negatable: true, group, help: 'The older name of server_replay_reuse.' },
  serverReplayRefresh: {
    type: 'boolean',
    default: true,
    negatable: true,
    group,
    help: 'Move dates, and the expiry of cookies, by the time that passed since the recording.',
  },
  serverReplayIgnoreContent: {
    type: 'boolean',
    negatable: true,
    group,
    help: 'Do not compare the bodies of requests.',
  },
  serverReplayIgnoreHost: { type: 'boolean', negatable: true, group, help: 'Do not compare the hosts of requests.' },
  serverReplayIgnorePort: { type: 'boolean', negatable: true, group, help: 'Do not compare the ports of requests.' },
  serverReplayIgnoreParams: {
    type: 'list',
    group,
    valueName: 'NAME',
    help: 'Do not compare this parameter of the query.',
  },
  serverReplayIgnorePayloadParams: {
    type: 'list',
    group,
    valueName: 'NAME',
    help: 'Do not compare this field of forms.',
  },
  serverReplayUseHeaders: { type: 'list', group, valueName: 'NAME', help: 'Compare this header field, too.' },
} as const satisfies OptionTable;
