// The proxy in a process, from the build, with its own addons and none of a user: as they are, or without them.
//
//     node proxy-addons.mjs MODE [none]
import { Proxy } from 'pathod/proxy';

const [mode, which] = process.argv.slice(2);
const proxy = await Proxy.start({ mode, keptFlows: 50_000 });
// What keeps flows for `proxy.flows()` is no addon that one could do without.
const addons = proxy.hooks.all.filter(({ name }) => name !== 'flows');
if (addons.length < 20) throw new Error(`there are ${addons.length} addons`);
if (which === 'none') for (const addon of addons) await proxy.remove(addon);
process.on('SIGTERM', () => void proxy.stop().then(() => process.exit()));
console.log(`listening on ${proxy.port}`);
