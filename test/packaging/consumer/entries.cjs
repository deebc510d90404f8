// Uses the installed package through its CommonJS entries.
const assert = require('node:assert/strict');
const { Daemon, SpecError } = require('pathod');
const language = require('pathod/language');
const { HttpFlow, Proxy } = require('pathod/proxy');
const { AddonTest, httpFlow } = require('pathod/proxy/testing');

assert.throws(() => language.parseResponse('200:q'), SpecError);

async function main() {
  const tested = await AddonTest.start({ request: (flow) => flow.kill() });
  const flow = httpFlow();
  assert.deepEqual(await tested.cycle(flow), ['requestheaders', 'request', 'error']);
  assert.ok(flow instanceof HttpFlow);
  await tested.stop();

  const daemon = await Daemon.start();
  try {
    const crafted = await fetch(daemon.p('202:b@100'));
    assert.equal(crafted.status, 202);
    assert.equal((await crafted.arrayBuffer()).byteLength, 100);

    const proxy = await Proxy.start({ mode: `reverse:${daemon.url()}` });
    try {
      assert.equal((await fetch(`${proxy.url}/p/203`)).status, 203);
      assert.equal(proxy.httpFlows('~c 203').length, 1);
    } finally {
      await proxy.stop();
    }
  } finally {
    await daemon.stop();
  }
}

void main();
