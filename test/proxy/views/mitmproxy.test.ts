/** Views side by side with those of mitmproxy, over bodies that nobody thought of. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasProgram } from '../../kit/programs.js';
import { run } from '../../kit/run.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { shown } from './shown.js';
import type { ShownText } from './shown.js';

/** An addon that asks mitmproxy how it shows each body. */
const addon = `
import json, os
from mitmproxy import contentviews, http
from mitmproxy.test import tflow
here = os.path.dirname(__file__)

def shown(question):
    headers = http.Headers([(b"content-type", question["type"].encode())])
    flow = tflow.tflow()
    flow.request = http.Request.make("GET", "http://h/", b"", headers)
    flow.request.raw_content = bytes.fromhex(question["body"])
    description, lines, error = contentviews.get_message_content_view(question["view"], flow.request, flow)
    text = ["".join(part for _, part in line) for line in lines]
    return {"description": description, "lines": text, "failed": bool(error)}

with open(os.path.join(here, "question.json"), encoding="utf8") as file:
    questions = json.load(file)
with open(os.path.join(here, "answer.json"), "w", encoding="utf8") as file:
    json.dump([shown(question) for question in questions], file)
`;

interface Question {
  readonly view: string;
  readonly type: string;
  readonly body: string;
}

async function theirs(questions: readonly Question[]): Promise<ShownText[]> {
  const directory = temporaryDirectory();
  const place = (name: string): string => join(directory, name);
  writeFileSync(place('addon.py'), addon);
  writeFileSync(place('empty.mitm'), '');
  writeFileSync(place('question.json'), JSON.stringify(questions));
  const args = ['-n', '-s', place('addon.py'), '-r', place('empty.mitm'), '--set', `confdir=${directory}`];
  const { code, stdout, stderr } = await run('mitmdump', args);
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(readFileSync(place('answer.json'), 'utf8')) as ShownText[];
}

/** Kinds of bodies, and the pieces that they are made of. */
const kinds: readonly { readonly view: string; readonly type: string; readonly pieces: readonly string[] }[] = [
  {
    view: 'javascript',
    type: 'text/javascript',
    pieces: [...'ab{};"\'`/\\:=(),.\n \t', '{};', '//', '/*', '*/', '  ', 'for(', 'for(;;){', 'return '],
  },
  {
    view: 'css',
    type: 'text/css',
    pieces: [...'ab{;,"\'\n ()\\', '{b:c', 'd:e;', '//', '/*', '*/', '  ', '@media x{'],
  },
  {
    view: 'xml/html',
    type: 'text/html',
    pieces: [
      ...['<a>', '</a>', '<b x="y">', '</b>', '<br>', '<i/>', '<html>', '</html>', '<body>', '</body>', '<!--', '-->'],
      ...['<![CDATA[', ']]>', '<?pi x?>', '<?xml v?>', '<!doctype html>', 't', 'u v', ' ', '\n', '  ', '"'],
    ],
  },
  {
    view: 'auto',
    type: 'application/json',
    pieces: [...'[]{},: 1', '"a"', '-2', '1.5', 'true', '"query":', '"\\n"', '{}'],
  },
  { view: 'url-encoded', type: 'text/plain', pieces: [...'ab=&+%', '%41', '%C3%A9', '%0a', 'name_of_some_length'] },
  { view: 'raw', type: 'text/plain', pieces: [...'a\\\'"\n\r\t\x1b\x7f\xff', '\\n'] },
  { view: 'auto', type: 'text/plain', pieces: [...'a< \n\0\xff'] },
  {
    view: 'msgpack',
    type: 'application/msgpack',
    pieces: [
      '\x01',
      '\xff',
      '\xc0',
      '\xc3',
      '\xa1a',
      '\x92',
      '\x81',
      '\xc4\x01z',
      '\xcb?\xf8\0\0\0\0\0\0',
      '\xd4\x05a',
    ],
  },
  {
    view: 'grpc/protocol buffer',
    type: 'application/x-protobuf',
    pieces: [
      '\x08\x01',
      '\x10\x96\x01',
      '\x1a\x02\x08\x01',
      '\x22\x03abc',
      '\x2d\x01\x02\x03\x04',
      '\x0a',
      '\x03',
      'a',
    ],
  },
];

const question: fc.Arbitrary<Question> = fc
  .constantFrom(...kinds)
  .chain(({ view, type, pieces }) =>
    fc
      .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 12 })
      .map((parts) => ({ view, type, body: Buffer.from(parts.join(''), 'latin1').toString('hex') })),
  );

it.skipIf(!hasProgram('mitmdump'))('views show bodies as those of mitmproxy do', { timeout: 60_000 }, async () => {
  const questions = fc.sample(question, { numRuns: 3000, seed: 23 });
  const answers = await theirs(questions);
  const ours = questions.map(({ view, type, body }) => shown(view, Buffer.from(body, 'hex'), { 'content-type': type }));
  const told = (all: readonly ShownText[]): unknown[] =>
    all.map((one, i) => ({ body: Buffer.from(questions[i]?.body ?? '', 'hex').toString('latin1'), ...one }));
  expect(told(ours)).toEqual(told(answers));
});
