import { describe, expect, test } from 'vitest';
import { ConnectionError } from '../../src/errors.js';
import { dial } from '../../src/net/dial.js';
import { systemReason } from '../../src/net/system-error.js';
import { ManualClock } from '../kit/manual-clock.js';
import { rawServer } from '../kit/raw-server.js';

async function failure(attempt: Promise<unknown>): Promise<ConnectionError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectionError) return error;
  throw new Error('no ConnectionError', { cause: error });
}

describe('dial', () => {
  test.each(['127.0.0.1', 'localhost'])('connects to %s', async (host) => {
    const server = await rawServer();
    const socket = await dial({ host, port: server.port });
    socket.end('hi');
    expect((await (await server.peer()).untilEnd()).toString()).toBe('hi');
    socket.destroy();
  });

  test('a refused connection is told in words and in pieces', async () => {
    const server = await rawServer();
    await server.close();
    const error = await failure(dial({ host: '127.0.0.1', port: server.port }));
    expect(error.message).toBe(`cannot connect to 127.0.0.1:${String(server.port)}: connection refused`);
    expect(error).toMatchObject({ phase: 'connect', address: `127.0.0.1:${String(server.port)}` });
    expect(systemReason(error.cause)).toMatchObject({ code: 'ECONNREFUSED', reason: 'Connection refused' });
    if (process.platform === 'linux') expect(systemReason(error.cause).text).toBe('[Errno 111] Connection refused');
  });

  test('a name with several addresses that all refuse is one error', async () => {
    const server = await rawServer();
    await server.close();
    const error = await failure(dial({ host: 'localhost', port: server.port }));
    expect(systemReason(error.cause).code).toBe('ECONNREFUSED');
  });

  test('an unknown host is named', async () => {
    const error = await failure(dial({ host: 'no-such-host.invalid', port: 80 }));
    expect(error.message).toMatch(
      /^cannot connect to no-such-host\.invalid:80: (unknown host no-such-host\.invalid|temporary failure)/,
    );
  });

  test('gives up after its timeout, and when the signal aborts', async () => {
    const clock = new ManualClock();
    // The documentation network: a packet to it is never answered, or the system refuses it at once.
    const attempt = failure(dial({ host: '192.0.2.1', port: 9, timeout: 2500, clock }));
    clock.advance(2500);
    const error = await attempt;
    expect(error.message).toMatch(/^cannot connect to 192\.0\.2\.1:9: (no answer within 2\.5 s|.*unreachable)$/);
    expect(clock.waiting).toEqual([]);

    const controller = new AbortController();
    const aborted = failure(dial({ host: '192.0.2.1', port: 9, signal: controller.signal }));
    controller.abort();
    expect((await aborted).message).toMatch(/: (given up|.*unreachable)$/);
    expect((await failure(dial({ host: '127.0.0.1', port: 9, signal: controller.signal }))).message).toMatch(
      /given up$/,
    );
  });

  test('leaves no timer behind when it connects', async () => {
    const server = await rawServer();
    const clock = new ManualClock();
    const socket = await dial({ host: '127.0.0.1', port: server.port, timeout: 1000, clock });
    expect(clock.waiting).toEqual([]);
    clock.advance(1000);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });
});
