/**
 * Tells systemd how a service of `Type=notify` fares (sd_notify(3)): a datagram to the socket of Unix that
 * `NOTIFY_SOCKET` names. Node has no such sockets. The package koffi sends it from this process, when it is installed;
 * otherwise the program `systemd-notify` does, for which a unit needs `NotifyAccess=all`.
 */
import { spawn } from 'node:child_process';
import { endianness } from 'node:os';

/** `AF_UNIX`, and `SOCK_DGRAM | SOCK_CLOEXEC`, of Linux. */
const unix = 1;
const datagram = 2 | 0o2000000;
/** `MSG_NOSIGNAL`. */
const withoutSignal = 0x4000;

/** What is used of koffi. */
interface Koffi {
  load(path: null): { func(prototype: string): unknown };
}

/**
 * Sends a state, such as `READY=1`, to the service manager that started this process; to nobody when none did.
 * @returns what went wrong, in words; undefined when nothing did
 */
export async function notifySystemd(
  state: string,
  importKoffi: () => Promise<unknown> = () => import('koffi'),
): Promise<string | undefined> {
  const socket = process.env['NOTIFY_SOCKET'] ?? '';
  if (socket === '') return undefined;
  const koffi = await importKoffi().catch(() => undefined);
  if (koffi === undefined || process.platform !== 'linux') return notifyByProgram(state);
  // Its own declarations say so.
  return sendDatagram(koffi as Koffi, socket, state) ? undefined : `systemd cannot be told of ${state} at ${socket}`;
}

type OpenSocket = (domain: number, type: number, protocol: number) => number;
type SendTo = (fd: number, data: Buffer, length: number, flags: number, address: Buffer, size: number) => number;

function sendDatagram(koffi: Koffi, path: string, state: string): boolean {
  const c = koffi.load(null);
  // The prototypes say of what types the functions are.
  const open = c.func('int socket(int domain, int type, int protocol)') as OpenSocket;
  const send = c.func(
    'intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, uint32_t size)',
  ) as SendTo;
  const close = c.func('int close(int fd)') as (fd: number) => number;
  const data = Buffer.from(state);
  const address = socketAddress(path);
  const fd = open(unix, datagram, 0);
  if (fd < 0) return false;
  try {
    return send(fd, data, data.length, withoutSignal, address, address.length) === data.length;
  } finally {
    close(fd);
  }
}

/** A `sockaddr_un`. A name that begins with @ is one outside the file system: it begins with a zero. */
function socketAddress(path: string): Buffer {
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(unix);
  else family.writeUInt16BE(unix);
  return Buffer.concat([family, Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`)]);
}

function notifyByProgram(state: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('systemd-notify', [`--pid=${String(process.pid)}`, state], { stdio: 'ignore' });
    child.once('error', ({ message }) => {
      resolve(`systemd cannot be told of ${state}, neither by the package koffi nor by systemd-notify: ${message}`);
    });
    child.once('exit', (status) => {
      resolve(
        status === 0 ? undefined : `systemd cannot be told of ${state}: systemd-notify ended with ${String(status)}`,
      );
    });
  });
}
