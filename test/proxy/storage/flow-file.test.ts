import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FlowFileError } from '../../../src/errors.js';
import type { Flow } from '../../../src/proxy/flow/flow.js';
import { readFlowFile } from '../../../src/proxy/storage/flow-file.js';
import { TcpFlow } from '../../../src/proxy/flow/stream-flow.js';
import { FlowFileWriter } from '../../../src/proxy/flow-file-writer.js';
import { harOf } from '../../../src/proxy/storage/har-export.js';
import { temporaryDirectory } from '../../kit/temporary-directory.js';
import { flowsIn, ownFlows, recording } from './sample-flows.js';

async function all(path: string): Promise<{ flows: Flow[]; error: unknown }> {
  const flows: Flow[] = [];
  try {
    for await (const flow of readFlowFile(path)) flows.push(flow);
    return { flows, error: undefined };
  } catch (error) {
    return { flows, error };
  }
}

describe('a file', () => {
  it('is written, appended to and read, in directories that are made for it', async () => {
    const path = join(temporaryDirectory(), 'a', 'b', 'flows.mitm');
    const bytes = recording('basic');
    for (const append of [false, false, true]) {
      const writer = await FlowFileWriter.open(path, { append });
      for (const flow of flowsIn(bytes)) void writer.write(flow);
      expect(writer.waitingBytes).toBeGreaterThan(0);
      await writer.flush();
      expect(writer.waitingBytes).toBe(0);
      await writer.close();
    }
    expect(readFileSync(path).equals(Buffer.concat([bytes, bytes]))).toBe(true);
    expect((await all(path)).flows).toHaveLength(42);
  });

  it('is whole when a flow cannot be written', async () => {
    const path = join(temporaryDirectory(), 'flows.mitm');
    const writer = await FlowFileWriter.open(path);
    const [first, last] = [new TcpFlow({}), new TcpFlow({})];
    // What scripts set, no type binds.
    const wrong = (value: unknown): never => value as never;
    void writer.write(first);
    for (const content of [42, 'text', null, { length: 70 }, new Array(100)]) {
      const bad = new TcpFlow({});
      bad.messages.push({ fromClient: true, content: wrong(content), timestamp: 1 });
      expect(() => writer.write(bad)).toThrow(/^a member that holds bytes takes a Buffer, not /);
    }
    for (const comment of [42, null, { length: 5 }]) {
      const bad = Object.assign(new TcpFlow({}), { comment: wrong(comment) });
      expect(() => writer.write(bad)).toThrow(/^a member that holds text takes text, not /);
    }
    void writer.write(last);
    await writer.close();
    const { flows, error } = await all(path);
    expect([flows.map(({ id }) => id), error]).toEqual([[first.id, last.id], undefined]);
  });

  it('that is damaged gives its good flows', async () => {
    const path = join(temporaryDirectory(), 'flows.mitm');
    writeFileSync(path, recording('basic').subarray(0, -3));
    const { flows, error } = await all(path);
    expect(flows).toHaveLength(20);
    expect(error).toBeInstanceOf(FlowFileError);
    expect((error as Error).message).toMatch(/^the flow file cannot be read at byte \d+: the file ends within a flow/);
  });

  it('of an HTTP archive is read too, with a byte order mark or without', async () => {
    const path = join(temporaryDirectory(), 'flows.har');
    for (const mark of ['', '\ufeff']) {
      writeFileSync(path, mark + JSON.stringify(harOf(ownFlows())));
      expect((await all(path)).flows.map(({ type }) => type)).toEqual(['http', 'http', 'http', 'http']);
    }
    writeFileSync(path, '{"log":');
    expect((await all(path)).error).toBeInstanceOf(FlowFileError);
  });

  it('that is empty has no flows, and one that is missing is an error', async () => {
    const path = join(temporaryDirectory(), 'flows.mitm');
    expect((await all(path)).error).toMatchObject({ code: 'ENOENT' });
    writeFileSync(path, '');
    expect(await all(path)).toEqual({ flows: [], error: undefined });
    await expect(FlowFileWriter.open('/dev/null/x')).rejects.toThrow('/dev/null');
  });

  it('tells when the disk takes no more', async () => {
    const writer = await FlowFileWriter.open('/dev/full');
    for (const flow of ownFlows()) void writer.write(flow);
    await expect(writer.close()).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('keeps every flow that was flushed when its process is killed', async () => {
    const path = join(temporaryDirectory(), 'flows.mitm');
    const script = new URL('writing-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    let safe = 0;
    for await (const text of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      safe = Math.max(safe, ...text.trim().split('\n').map(Number));
      if (safe > 200) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const { flows, error } = await all(path);
    expect(flows.length).toBeGreaterThanOrEqual(safe);
    expect(flows.map((flow) => flow.type === 'http' && flow.request.path)).toEqual(
      flows.map((_, i) => `/${String(i)}`),
    );
    if (error !== undefined) expect(error).toBeInstanceOf(FlowFileError);
  });
});
