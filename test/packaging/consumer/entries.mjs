// Uses the installed package through its ESM entries.
import assert from 'node:assert/strict';
import { Daemon, SpecError } from 'pathod';
import * as language from 'pathod/language';
import { HttpFlow, Proxy, readFlowFile, Response } from 'pathod/proxy';
import { AddonTest, httpFlow } from 'pathod/proxy/testing';

assert.throws(() => language.parseResponse('200:q'), SpecError);

const tested = await AddonTest.start({ request: (flow) => (flow.response = Response.make(204)) });
const fired = await tested.fire('request', httpFlow());
await tested.stop();
assert.ok(fired instanceof HttpFlow && fired.response instanceof Response);

const daemon = await Daemon.start({ anchors: [['/greeting', '200:b"hello"']] });
try {
  const greeting = await fetch(daemon.url('/greeting'));
  assert.equal(await greeting.text(), 'hello');
  const crafted = await fetch(daemon.p('202:b@100'));
  assert.equal(crafted.status, 202);
  assert.equal((await crafted.arrayBuffer()).byteLength, 100);
  assert.equal(daemon.log().length, 2);

  const proxy = await Proxy.start({ mode: `reverse:${daemon.url()}` });
  try {
    const through = await fetch(`${proxy.url}/greeting`);
    assert.equal(await through.text(), 'hello');
    assert.equal(proxy.httpFlows('~c 200').length, 1);
    await proxy.save('flows.mitm');
    for await (const flow of readFlowFile('flows.mitm')) assert.equal(flow.response.text, 'hello');
    assert.match(proxy.ca, /BEGIN CERTIFICATE/);
  } finally {
    await proxy.stop();
  }
} finally {
  await daemon.stop();
}
