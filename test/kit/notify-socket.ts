import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const program = `
import os, socket, sys
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + path[1:] if path.startswith('@') else path)
print('bound', flush=True)
while True:
    for line in s.recv(4096).decode().splitlines(): print(line, flush=True)
`;

/** A socket as systemd listens on for the states of services; it needs the program python3. */
export interface NotifySocket {
  /** The next line that was received. */
  next(): Promise<string>;
}

/** Listens at a path, or at a name that begins with @, until the test is over. */
export async function notifySocket(path: string): Promise<NotifySocket> {
  const child = spawn('python3', ['-c', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const next = async (): Promise<string> => {
    while (lines.length === 0) await once(reader, 'line');
    return lines.shift() ?? '';
  };
  await next();
  return { next };
}
