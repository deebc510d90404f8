/** The connections of a proxy's clients: taken once all is ready, counted, and waited for in the end. */
import type { Socket } from 'node:net';
import { Connection } from './connection.js';
import type { ConnectionPorts } from './connection.js';
import type { ProxyContext } from './context.js';
import type { ProxyMode } from './mode.js';

/** Milliseconds between two looks at what is under way. */
const pause = 10;

export class ClientConnections {
  private readonly connections = new Map<Connection, Promise<void>>();
  /** Those that came before all was ready. */
  private held: (() => void)[] | undefined = [];
  private isDraining = false;

  constructor(
    private readonly context: () => ProxyContext,
    private readonly ports: () => ConnectionPorts,
  ) {}

  /** Serves a client; later, while not all is ready; never, when no more are taken. */
  accept(socket: Socket, mode: ProxyMode): void {
    if (this.isDraining) socket.destroy();
    else if (this.held === undefined) this.serve(socket, mode);
    else {
      this.held.push(() => {
        this.serve(socket, mode);
      });
    }
  }

  /** Says that all is ready. */
  open(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const serve of held) serve();
  }

  /**
   * Takes no more connections, and waits until no request is under way.
   * @param patience milliseconds to wait at most
   * @param signal ends the waiting
   */
  async drain(patience: number, signal?: AbortSignal): Promise<void> {
    this.isDraining = true;
    const { clock } = this.context();
    const end = clock.now() + patience;
    const isBusy = (): boolean => [...this.connections.keys()].some(({ busy }) => busy);
    while (isBusy() && clock.now() < end && signal?.aborted !== true) await clock.wait(pause, signal);
  }

  /** Settles when all connections are closed. */
  async settled(): Promise<void> {
    await Promise.all(this.connections.values());
  }

  private serve(socket: Socket, mode: ProxyMode): void {
    const connection = new Connection(this.context(), socket, mode, this.ports());
    const life = connection.run().then(() => {
      this.connections.delete(connection);
    });
    this.connections.set(connection, life);
  }
}
