import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FilterError, OptionError } from '../../src/errors.js';
import type { Flow } from '../../src/proxy/flow/flow.js';
import { saveFlows } from '../../src/proxy/save-flows.js';
import type { FlowLayout } from '../../src/proxy/storage/layout.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';
import { flowsIn, ownFlows } from './storage/sample-flows.js';

/** What types would not let through. */
function noLayout(layout: unknown): FlowLayout {
  return layout as FlowLayout;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

const names = ['flows.mitm', 'flows.har'];

describe.each(names)('flows saved as %s', (name) => {
  const flows = ownFlows();
  const save = (path: string, given: readonly Flow[] = flows): Promise<void> => saveFlows(given, path, {});

  function isWhole(bytes: Buffer): boolean {
    if (!name.endsWith('.har')) return flowsIn(bytes).length === flows.length;
    return (JSON.parse(bytes.toString()) as { log: { entries: unknown[] } }).log.entries.length === flows.length - 1;
  }

  it('are in a file that only its owner reads, in directories that are made', async () => {
    const path = join(temporaryDirectory(), 'a', 'b', name);
    await save(path);
    expect(isWhole(readFileSync(path))).toBe(true);
    expect(modeOf(path)).toBe(0o600);
  });

  it('take the place of an old file, and its mode', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, name);
    for (const mode of [0o644, 0o660, 0o600]) {
      writeFileSync(path, 'old');
      chmodSync(path, mode);
      await save(path);
      expect(isWhole(readFileSync(path))).toBe(true);
      expect(modeOf(path)).toBe(mode);
    }
    expect(readdirSync(directory)).toEqual([name]);
  });

  it.skipIf(process.getuid?.() !== 0)('leave a file to its owner', async () => {
    const path = join(temporaryDirectory(), name);
    writeFileSync(path, 'old');
    execFileSync('chown', ['1234:5678', path]);
    await save(path);
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 5678 });
  });

  it('go where symbolic links lead, to a file or to none', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'there'));
    mkdirSync(join(directory, 'deep', 'down'), { recursive: true });
    symlinkSync(join('deep', 'down'), join(directory, 'here'));
    const [target, link, first] = [join(directory, 'there', 'target'), join('here', name), join(directory, name)];
    symlinkSync(join('..', '..', 'there', 'target'), join(directory, link));
    symlinkSync(link, first);
    for (const present of [false, true]) {
      expect(existsSync(target)).toBe(present);
      await save(first);
      expect(isWhole(readFileSync(target))).toBe(true);
      expect(lstatSync(first).isSymbolicLink() && lstatSync(join(directory, link)).isSymbolicLink()).toBe(true);
      writeFileSync(target, 'old');
    }
    expect(readdirSync(join(directory, 'there'))).toEqual(['target']);
  });

  it('go into a pipe that is there, or to a device', async () => {
    const path = join(temporaryDirectory(), name);
    execFileSync('mkfifo', [path]);
    const [bytes] = await Promise.all([readFile(path), save(path)]);
    expect(isWhole(bytes)).toBe(true);
    expect(statSync(path).isFIFO()).toBe(true);
    // Through a link, so that nothing is lost should the device be replaced.
    const link = join(temporaryDirectory(), name);
    symlinkSync('/dev/full', link);
    await expect(save(link)).rejects.toThrow(`flows cannot be written to ${link}: No space left on device`);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('fail in one line that names the file, and leave what was there', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), 'old');
    symlinkSync(name, join(directory, name));
    for (const [path, reason] of [
      [`/proc/nope/${name}`, 'No such file or directory'],
      [join(directory, 'file', name), 'Not a directory'],
      [join(directory, 'file', 'deep', name), 'Not a directory'],
      [join(directory, name), 'Too many symbolic links encountered'],
    ] as const) {
      const failure = save(path);
      await expect(failure).rejects.toBeInstanceOf(OptionError);
      await expect(failure).rejects.toThrow(`flows cannot be written to ${path}: ${reason}`);
    }
    await expect(save(directory)).rejects.toThrow(
      `flows cannot be written to ${directory}: Illegal operation on a directory`,
    );
    expect(readdirSync(directory).sort()).toEqual(['file', name].sort());
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('old');
  });

  it('in a layout that there is not fail before the file is touched', async () => {
    const path = join(temporaryDirectory(), 'made', name);
    for (const layout of [18, 19, '17', null]) {
      const failure = saveFlows(flows, path, { layout: noLayout(layout) });
      await expect(failure).rejects.toBeInstanceOf(OptionError);
      await expect(failure).rejects.toThrow(/^layout takes 17 or 21$/);
    }
    expect(existsSync(join(path, '..'))).toBe(false);
  });
});

describe('a proxy that is to write', () => {
  it('refuses filters and layouts that are none before the file is touched', async () => {
    const { proxy } = await startedProxy();
    const path = join(temporaryDirectory(), 'flows.mitm');
    writeFileSync(path, 'old');
    for (const write of [proxy.save.bind(proxy), proxy.record.bind(proxy)]) {
      await expect(write(path, { filter: '~u' })).rejects.toBeInstanceOf(FilterError);
      await expect(write(path, { layout: noLayout(19) })).rejects.toThrow(/^layout takes 17 or 21$/);
      expect(readFileSync(path, 'utf8')).toBe('old');
    }
  });
});
