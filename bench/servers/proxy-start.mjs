// A proxy is started in a process of its own: prints how many milliseconds that took, loading the package included
// and not, and the megabytes in memory.
//
//     node proxy-start.mjs [CONFDIR]
const before = performance.now();
const { Proxy } = await import('pathod/proxy');
const loaded = performance.now();
const confdir = process.argv[2];
const proxy = await Proxy.start({ mode: 'regular', ...(confdir && { confdir }) });
const started = performance.now();
globalThis.gc?.();
console.log(started - before, started - loaded, process.memoryUsage.rss() / 1024 ** 2);
await proxy.stop();
