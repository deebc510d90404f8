// Real mitmdump on a free port. Its arguments follow.
import { spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address();
    probe.close(() => resolve(free));
  });
});
const argv = ['-q', '--listen-host', '127.0.0.1', '-p', String(port), ...process.argv.slice(2)];
const child = spawn('mitmdump', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
process.on('SIGTERM', () => {
  child.kill('SIGKILL');
  process.exit();
});
const isUp = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 50));
console.log(`process ${child.pid} listening on ${port}`);
