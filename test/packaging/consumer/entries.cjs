// Uses the installed package through its CommonJS entries.
const assert = require('node:assert/strict');
const { Daemon, SpecError } = require('pathod');
const language = require('pathod/language');

assert.throws(() => language.parseResponse('200:q'), SpecError);

async function main() {
  const daemon = await Daemon.start();
  try {
    const crafted = await fetch(daemon.p('202:b@100'));
    assert.equal(crafted.status, 202);
    assert.equal((await crafted.arrayBuffer()).byteLength, 100);
  } finally {
    await daemon.stop();
  }
}

void main();
