import { expect, test } from 'vitest';
import { optionsTable, usage } from '../../src/options/describe.js';
import { sample } from './sample.js';

test('the usage text is grouped, aligned and wrapped', () => {
  expect(usage(sample, 72)).toBe(`\
usage: sample [-h] [--version] [--port PORT] [-l ADDRESS] [-p] [-q] [-r]
              [--no-http2] [-n REPEAT] [-w WAIT] [--limit-size SIZE]
              [--mode {plain,strict}] [-a PATTERN=SPEC] [-I CODES]
              [--pid PID] host [spec...]

Shows what a table can hold.

Arguments:
  host                  where to connect to
  spec                  what to send

Options:
  -h, --help            Show this help and exit.
  --version             Show the version and exit.
  -p, --show            Print the response; with a whole number after
                        -p, the port.
  -q, --quiet           Print less.
  -r, --random          In random order.
  --no-http2            Speak HTTP/2.
  -n REPEAT, --repeat REPEAT
                        How many times; -1 is for ever. (default: 1)
  -w WAIT, --wait WAIT  Seconds between repetitions.
  --mode {plain,strict}
                        How to read | what to refuse. (default: plain)
  -a PATTERN=SPEC, --anchor PATTERN=SPEC, --anchors PATTERN=SPEC
                        A path and what is served there. May be
                        repeated.
  -I CODES, --ignore CODES
                        Codes to leave out.
  --pid PID             Only here. May be repeated.

Server:
  --port PORT           Port to listen on, 0 for any that is free.
                        (default: 9999)
  -l ADDRESS, --address ADDRESS
                        Address to listen on. (default: 127.0.0.1)
  --limit-size SIZE     Largest response.
`);
});

test('no line is longer than the width', () => {
  for (const width of [60, 80, 100, 132]) {
    const long = usage(sample, width)
      .split('\n')
      .filter((line) => line.length > width && !line.includes('PATTERN=SPEC, '));
    expect(long).toEqual([]);
  }
});

test('the docs have a table for each group', () => {
  const docs = optionsTable(sample);
  expect(docs.match(/^### .*$/gm)).toEqual(['### Options', '### Server']);
  expect(docs).toContain('| `-h, --help` |  |  |  | Show this help and exit. |');
  expect(docs).toContain(
    '| `--mode {plain,strict}` | `mode` | one of plain, strict | `plain` | How to read \\| what to refuse. Since 0.2. |',
  );
  expect(docs).toContain('| `--port PORT` | `port` | a whole number from 0 to 65535 | `9999` |');
  expect(docs).not.toContain('Not shown');
});
