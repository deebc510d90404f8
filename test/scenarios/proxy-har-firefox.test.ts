// HTTP archives of flows, with Firefox's network panel.
import { describe, expect, test } from 'vitest';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Request } from '../../src/proxy/message/request.js';
import { harOf } from '../../src/proxy/storage/har-export.js';
import { startFirefox } from '../kit/firefox.js';
import { hasProgram } from '../kit/programs.js';
import { madeFlows } from '../proxy/storage/made-flows.js';
import { flowsIn, ownFlows, recording, recordings } from '../proxy/storage/sample-flows.js';

/** What the panel read, in facts of each request; what it draws; and what it would save. */
interface Panel {
  readonly read: readonly unknown[][];
  readonly drawn: readonly unknown[][];
  readonly saved: readonly unknown[][];
  /** The bodies of the first request, as they are shown. */
  readonly shown: { readonly request: string; readonly response: string };
}

/** Runs within Firefox: opens the network panel, imports an archive as its menu does, and says what is there then. */
const readInNetworkPanel = `async (text) => {
  const { require } = ChromeUtils.importESModule('resource://devtools/shared/loader/Loader.sys.mjs');
  const { gDevTools } = require('resource://devtools/client/framework/devtools.js');
  const { gBrowser } = Services.wm.getMostRecentWindow('navigator:browser');
  const toolbox = await gDevTools.showToolboxForTab(gBrowser.selectedTab, { toolId: 'netmonitor' });
  const { panelWin: panel } = toolbox.getCurrentPanel();
  const { document, actions, api } = panel;
  const { HarMenuUtils } = panel.windowRequire('resource://devtools/client/netmonitor/src/har/har-menu-utils.js');
  let failure;
  HarMenuUtils.appendPreview(text, actions, (message) => (failure = message));
  if (failure !== undefined) throw new Error(failure);
  const until = async (condition) => {
    while (!condition()) await new Promise((resolve) => panel.requestAnimationFrame(resolve));
  };

  const requests = [...panel.store.getState().requests.requests];
  const read = requests.map(({ method, url, status, statusText, requestPostData, responseContent: { content } }) => [
    method, url, requestPostData.postData.text ?? null, status, statusText, content.text ?? null, content.encoding ?? null,
  ]);
  const rows = () => [...document.querySelectorAll('.request-list-item')];
  await until(() => rows().length === requests.length);
  const cell = (row, name) => row.querySelector('.requests-list-' + name).textContent;
  const drawn = rows().map((row) => [cell(row, 'method'), cell(row, 'status')]);
  const { log } = await api.getHar();
  const saved = log.entries.map(({ request, response }) => [
    request.method, request.url, request.postData?.text ?? null,
    response.status, response.statusText, response.content.text ?? null, response.content.encoding ?? null,
  ]);

  actions.openNetworkDetails(true);
  actions.selectRequest(requests[0].id);
  const shown = {};
  for (const tab of ['request', 'response']) {
    actions.selectDetailsPanelTab(tab);
    const body = () => document.querySelector('#' + tab + '-panel .cm-content')?.textContent ?? '';
    await until(() => body() !== '');
    shown[tab] = body();
  }
  return { read, drawn, saved, shown };
}`;

/** Requests with hosts that URLs have no place for, named by the client or dialled. */
function oddHosts(): readonly Flow[] {
  const signs = Array.from(' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', (sign) => `a${sign}b`);
  const hosts = [...signs, '', '*', '[', '::1', '[::1]', '0x', '1.2.3.999', 'a:99999', 'a..b', 'bücher', 'h\xe4'];
  return hosts.flatMap((host) => [
    new HttpFlow(Request.make('GET', 'http://a.test/', '', { host })),
    ...['GET', 'CONNECT'].map(
      (method) => new HttpFlow(new Request({ method, host, port: 80, path: '"', authority: host })),
    ),
  ]);
}

function sorted(list: readonly (readonly unknown[])[]): readonly string[] {
  return list.map((item) => JSON.stringify(item)).sort();
}

describe.skipIf(!hasProgram('firefox-esr'))('an HTTP archive in Firefox', { timeout: 60_000 }, () => {
  test('is read by the network panel, with every body', async () => {
    const recorded = recordings.flatMap((name) => flowsIn(recording(name)));
    const archive = harOf([...ownFlows(), ...recorded, ...Object.values(madeFlows()), ...oddHosts()]);
    const firefox = await startFirefox();
    const panel = await firefox.evaluate<Panel>(readInNetworkPanel, JSON.stringify(archive));
    const expected = archive.log.entries.map(({ request, response: { status, statusText, content } }) => [
      ...[request.method, request.url, request.postData?.text ?? null],
      ...[status, statusText, content.text ?? null, content.encoding ?? null],
    ]);
    expect(sorted(panel.read)).toEqual(sorted(expected));
    expect(sorted(panel.saved)).toEqual(sorted(expected));
    const cells = expected.map(([method, , , status]) => [method, status === 0 ? '' : String(status)]);
    expect(sorted(panel.drawn)).toEqual(sorted(cells));
    expect(panel.shown).toEqual({ request: 'body', response: 'answer' });
  });
});
