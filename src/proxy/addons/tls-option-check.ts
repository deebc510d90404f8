import type { Addon, AddonContext } from '../hooks/addon.js';
import { checkTlsOptions, clientKeys, serverKeys } from '../tls-settings.js';

const keys: readonly string[] = [...clientKeys, ...serverKeys, 'upstreamCert', 'addUpstreamCertsToClientChain'];

/** Refuses changes of the options of TLS that cannot be used. Those of the start are looked at by the core. */
export class TlsOptionCheck implements Addon {
  readonly name = 'tlsconfig';
  private isRunning = false;

  running(): void {
    this.isRunning = true;
  }

  async configure(updated: ReadonlySet<string>, context: AddonContext): Promise<void> {
    if (this.isRunning && keys.some((key) => updated.has(key))) {
      await checkTlsOptions(context.options, context.now() * 1000);
    }
  }
}
