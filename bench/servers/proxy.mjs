// The proxy in a process, as a test has it: from the build, with an addon on every hook and all flows kept.
//
//     node proxy.mjs MODE [--to FILE] [OPTION=VALUE...]
//
// Values are text, or JSON.
import { Proxy } from 'pathod/proxy';

const [mode, ...rest] = process.argv.slice(2);
const to = rest.indexOf('--to');
const options = rest
  .filter((text) => text.includes('='))
  .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);

function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

let hooks = 0;
const count = () => {
  hooks++;
};
const everyHook = { name: 'count', requestheaders: count, request: count, responseheaders: count, response: count };

const proxy = await Proxy.start({
  mode,
  ...Object.fromEntries(options.map(([name, value]) => [name, valueOf(value)])),
  keptFlows: 50_000,
  addons: [everyHook],
});
if (to !== -1) await proxy.record(rest[to + 1]);
process.on('SIGUSR2', () => console.log(`hooks ${hooks}`));
process.on('SIGTERM', () => void proxy.stop().then(() => process.exit()));
console.log(`listening on ${proxy.port}`);
