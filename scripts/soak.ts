/**
 * The proxy under a load of clients and servers that leave when they like, and of every named fault.
 *
 *     npm run soak [-- --requests N] [--connections N] [--seed SEED]
 *
 * Ends with status 1 when a flow was lost, or anything was left behind.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { soak } from './soak/soak.js';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    connections: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
  },
});

const shownFaults = 20;
const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;

console.log(`seed ${values.seed}`);
const { seed } = values;
const report = await soak({ requests: Number(values.requests), connections: Number(values.connections), seed });
const { met, memory, faults, seconds } = report;
const { before, after } = memory;
console.log(`${values.requests} requests over ${values.connections} connections at a time, in ${seconds.toFixed(0)} s`);
console.log(
  `clients: ${String(met.answered)} were answered, ${String(met.closed)} saw an end, ${String(met.left)} left early, ` +
    `${String(met.crossed)} crossed the end of the connection`,
);
console.log(
  `flows: ${String(report.flows)}, of which ${String(report.answered)} have a response and ${String(report.failed)} an error`,
);
console.log(
  `memory: ${mebibytes(before.rss)} before, ${mebibytes(after.rss)} after, ${mebibytes(after.peak)} at most; ` +
    `heap ${mebibytes(before.heapUsed)} before, ${mebibytes(after.heapUsed)} after, with ${String(after.kept)} flows kept`,
);
for (const fault of faults.slice(0, shownFaults)) console.log(`WRONG: ${fault}`);
if (faults.length > shownFaults) console.log(`and ${String(faults.length - shownFaults)} more`);
console.log(faults.length === 0 ? 'nothing was lost, and nothing left behind' : `${String(faults.length)} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
