import { expect, test } from 'vitest';
import { soak } from '../../scripts/soak/soak.js';

const mebibyte = 1024 ** 2;

// The whole of it is `npm run soak`.
test('loses no flow and leaves nothing behind, whenever clients and servers leave', { timeout: 120_000 }, async () => {
  const { met, flows, answered, failed, memory, faults } = await soak({ requests: 3000, connections: 200, seed: 1 });
  expect(faults).toEqual([]);
  expect(answered + failed).toBe(flows);
  expect(flows).toBeGreaterThanOrEqual(met.answered + met.closed);
  expect(answered).toBeGreaterThan(1000);
  expect(failed).toBeGreaterThan(100);
  // 1000 flows and 16 MiB of bodies are kept, and the system takes its time to get memory back.
  expect(memory.after.heapUsed - memory.before.heapUsed).toBeLessThan(32 * mebibyte);
  expect(memory.after.rss - memory.before.rss).toBeLessThan(256 * mebibyte);
});
