// Uses the installed package through its ESM entries.
import assert from 'node:assert/strict';
import { Daemon, SpecError } from 'pathod';
import * as language from 'pathod/language';

assert.throws(() => language.parseResponse('200:q'), SpecError);

const daemon = await Daemon.start({ anchors: [['/greeting', '200:b"hello"']] });
try {
  const greeting = await fetch(daemon.url('/greeting'));
  assert.equal(await greeting.text(), 'hello');
  const crafted = await fetch(daemon.p('202:b@100'));
  assert.equal(crafted.status, 202);
  assert.equal((await crafted.arrayBuffer()).byteLength, 100);
  assert.equal(daemon.log().length, 2);
} finally {
  await daemon.stop();
}
