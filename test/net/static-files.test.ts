import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileAccessDenied, OptionError, RenderError } from '../../src/errors.js';
import { readSegment } from '../../src/language/plan.js';
import type { Segment } from '../../src/language/plan.js';
import { checkStaticDirectory, readSpecFile, staticFiles } from '../../src/net/static-files.js';

const all = (segment: Segment): Buffer => readSegment(segment, 0, segment.length);

let top: string;
let root: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'static-files-'));
  root = join(top, 'static');
  mkdirSync(join(root, 'inner'), { recursive: true });
  mkdirSync(join(top, 'static-other'));
  writeFileSync(join(root, 'file'), 'content');
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, '..hidden'), 'dots');
  writeFileSync(join(root, 'inner', 'file'), 'inner');
  writeFileSync(join(top, 'static-other', 'secret'), 'secret');
});

afterEach(() => {
  rmSync(top, { recursive: true });
});

describe('files of a static directory', () => {
  test.each([
    ['file', 'content'],
    ['inner/file', 'inner'],
    ['./inner/../file', 'content'],
    ['empty', ''],
    ['..hidden', 'dots'],
  ])('%s is read', (name, content) => {
    expect(all(staticFiles(root).segment(name)).toString()).toBe(content);
    expect(staticFiles(root).text(name)).toBe(content);
  });

  test('an absolute name within is read', () => {
    expect(all(staticFiles(root).segment(join(root, 'file'))).toString()).toBe('content');
  });

  test('the directory may be relative, begin with ~, or be a symbolic link', () => {
    expect(all(staticFiles(relative(process.cwd(), root)).segment('file')).toString()).toBe('content');
    expect(all(staticFiles(`~/${relative(homedir(), root)}`).segment('file')).toString()).toBe('content');
    symlinkSync(root, join(top, 'link'));
    expect(all(staticFiles(join(top, 'link')).segment('file')).toString()).toBe('content');
    expect(all(staticFiles(join(top, 'link')).segment(join(root, 'file'))).toString()).toBe('content');
  });

  test('with no directory access is disabled', () => {
    expect(() => staticFiles(undefined).segment('file')).toThrow(new FileAccessDenied('File access disabled.'));
    expect(() => staticFiles(undefined).text('/etc/passwd')).toThrow(FileAccessDenied);
  });

  test.each([
    '../static-other/secret',
    '..',
    '../nothing',
    '/etc/passwd',
    '/nowhere',
    'inner/../../static-other/secret',
    '~/x',
  ])('%s is outside', (name) => {
    const files = staticFiles(root);
    for (const access of [() => files.segment(name), () => files.text(name)]) {
      expect(access).toThrow(FileAccessDenied);
      expect(access).toThrow(/^File access outside of configured directory/);
    }
  });

  test('a symbolic link may lead to a file inside and to none outside', () => {
    symlinkSync(join(root, 'file'), join(root, 'good'));
    symlinkSync(join(top, 'static-other', 'secret'), join(root, 'bad'));
    symlinkSync(join(top, 'static-other'), join(root, 'folder'));
    symlinkSync(join(root, 'loop'), join(root, 'loop'));
    const files = staticFiles(root);
    expect(files.text('good')).toBe('content');
    expect(() => files.text('bad')).toThrow(/^File access outside/);
    expect(() => files.text('folder/secret')).toThrow(/^File access outside/);
    expect(() => files.text('loop')).toThrow(/^File not readable/);
  });

  test.each(['missing', 'inner', '.', '', 'file/file', 'nul\0byte', 'x'.repeat(5000)])('%j is not readable', (name) => {
    expect(() => staticFiles(root).segment(name)).toThrow(FileAccessDenied);
    expect(() => staticFiles(root).segment(name)).toThrow(/^File not readable/);
  });

  test.skipIf(process.platform === 'win32')('a pipe is refused without waiting for a writer', () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(() => staticFiles(root).segment('pipe')).toThrow(/^File not readable/);
  });

  test('a large file is read piece by piece, and its shrinking noticed', () => {
    const content = Buffer.from(Uint8Array.from({ length: 3 * 1024 * 1024 + 5 }, (_, index) => index % 251));
    writeFileSync(join(root, 'large'), content);
    const segment = staticFiles(root).segment('large');
    expect(Buffer.isBuffer(segment)).toBe(false);
    expect(all(segment).equals(content)).toBe(true);
    const piece = readSegment(segment, 1_000_003, 1_000_013);
    expect(piece).toEqual(content.subarray(1_000_003, 1_000_013));
    truncateSync(join(root, 'large'), 2 * 1024 * 1024);
    expect(readSegment(segment, 0, 4)).toEqual(content.subarray(0, 4));
    expect(() => all(segment)).toThrow(new RenderError('File became shorter while it was sent: large'));
    rmSync(join(root, 'large'));
    expect(() => all(segment)).toThrow(RenderError);
  });

  test('a text is UTF-8, without a byte order mark, and not endless', () => {
    writeFileSync(join(root, 'spec'), '\ufeff200:b"é"');
    expect(staticFiles(root).text('spec')).toBe('200:b"é"');
    writeFileSync(join(root, 'endless'), Buffer.alloc(1024 * 1024 + 1));
    expect(() => staticFiles(root).text('endless')).toThrow(/^File not readable: endless is too long/);
  });
});

describe('files without constraint', () => {
  test('are found from the directory, or from the working directory, and anywhere', () => {
    const files = staticFiles(root, { unconstrained: true });
    expect(files.text('file')).toBe('content');
    expect(files.text('../static-other/secret')).toBe('secret');
    const here = staticFiles(undefined, { unconstrained: true });
    expect(here.text(relative(process.cwd(), join(root, 'file')))).toBe('content');
    expect(here.text(join(root, 'file'))).toBe('content');
    expect(() => here.segment('no/such/file')).toThrow(/^File not readable: no\/such\/file$/);
    expect(() => here.segment('/')).toThrow(/^File not readable/);
  });

  test.skipIf(process.platform === 'win32')('do not include devices', () => {
    expect(() => staticFiles(undefined, { unconstrained: true }).segment('/dev/zero')).toThrow(/^File not readable/);
  });
});

describe('a program given', () => {
  test('a static directory checks it', () => {
    expect(checkStaticDirectory(relative(process.cwd(), root))).toBe(root);
    expect(() => checkStaticDirectory(join(root, 'file'))).toThrow(
      new OptionError(`static directory ${join(root, 'file')} is not a directory`),
    );
    expect(() => checkStaticDirectory(join(root, 'none'))).toThrow(/cannot be read: No such file or directory$/);
  });

  test('a spec or the name of a file that holds one reads the file', () => {
    expect(readSpecFile(join(root, 'file'))).toBe('content');
    expect(readSpecFile("get:/:b'x'")).toBeUndefined();
    expect(readSpecFile(root)).toBeUndefined();
    expect(readSpecFile('x'.repeat(100_000))).toBeUndefined();
    writeFileSync(join(root, 'endless'), Buffer.alloc(1024 * 1024 + 1));
    expect(() => readSpecFile(join(root, 'endless'))).toThrow(OptionError);
  });
});
