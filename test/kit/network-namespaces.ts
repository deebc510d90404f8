/** Two machines in one: network namespaces of Linux with a cable between them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { hasProgram } from './programs.js';

/** The server's machine has these addresses, and every other one that is asked for leads to it. */
export const serverAddresses = { ipv4: '10.77.0.1', ipv6: 'fd77::1' } as const;

/** Two network namespaces, by the names that `ip netns exec` takes. */
export interface NetworkNamespaces {
  readonly client: string;
  readonly server: string;
}

/** Why there can be no namespaces here; undefined when there can. */
export function noNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const program of ['ip', 'iptables', 'ip6tables']) {
    if (!hasProgram(program)) return `${program} is not installed`;
  }
  const name = `probe-${String(process.pid)}`;
  const probe = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (probe.status !== 0) return `no network namespace can be made: ${probe.stderr.trim()}`;
  const filter = spawnSync('ip', ['netns', 'exec', name, 'iptables', '-t', 'nat', '-L', '-n'], { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', name]);
  return filter.status === 0 ? undefined : `no iptables: ${filter.stderr.trim()}`;
}

/**
 * Makes them, until the test that asked is over.
 * @param ownAddresses further addresses of the server's machine
 */
export function networkNamespaces(...ownAddresses: readonly string[]): NetworkNamespaces {
  const id = process.pid.toString(36);
  const [client, server] = [`client-${id}`, `server-${id}`];
  onTestFinished(() => {
    for (const name of [client, server]) spawnSync('ip', ['netns', 'del', name]);
  });
  for (const name of [client, server]) ip('netns', 'add', name);
  ip('-n', client, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', server);
  for (const name of [client, server]) {
    ip('-n', name, 'link', 'set', 'cable', 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  ip('-n', client, 'addr', 'add', '10.77.0.2/24', 'dev', 'cable');
  ip('-n', client, '-6', 'addr', 'add', 'fd77::2/64', 'dev', 'cable', 'nodad');
  ip('-n', server, 'addr', 'add', `${serverAddresses.ipv4}/24`, 'dev', 'cable');
  ip('-n', server, '-6', 'addr', 'add', `${serverAddresses.ipv6}/64`, 'dev', 'cable', 'nodad');
  ip('-n', client, 'route', 'add', 'default', 'via', serverAddresses.ipv4);
  ip('-n', client, '-6', 'route', 'add', 'default', 'via', serverAddresses.ipv6);
  for (const address of ownAddresses) ip('-n', server, 'addr', 'add', address, 'dev', 'lo');
  return { client, server };
}

/** Sends what comes in for some ports to another one, as iptables does for a transparent proxy. */
export function redirect({ server }: NetworkNamespaces, ports: readonly number[], to: number): void {
  for (const program of ['iptables', 'ip6tables']) {
    const rule = ['-t', 'nat', '-A', 'PREROUTING', '-i', 'cable', '-p', 'tcp', '-m', 'multiport'];
    const target = ['--dports', ports.join(','), '-j', 'REDIRECT', '--to-ports', String(to)];
    ip('netns', 'exec', server, program, ...rule, ...target);
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
