/** A reverse proxy that records: `recording-proxy.ts SERVER FILE`. Prints where it listens, and runs until it is killed. */
import { Proxy } from '../../src/proxy/proxy.js';

const [server = '', file = ''] = process.argv.slice(2);
const proxy = await Proxy.start({ mode: `reverse:${server}` });
await proxy.record(file, { append: true });
process.stdout.write(`${proxy.url}\n`);
