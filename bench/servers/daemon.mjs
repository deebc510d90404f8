// The daemon in a process, as a test has it: from the build, with its log on.
import { Daemon } from 'pathod';

const daemon = await Daemon.start({
  h2c: process.argv.includes('--h2c'),
  anchors: [
    ['/fixed', "200:b'hello'"],
    ['/drawn', '200:b@100'],
  ],
});
console.log(`listening on ${daemon.port}`);
