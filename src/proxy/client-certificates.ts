/** The certificates that the proxy shows to servers which ask for one. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OptionError } from '../errors.js';
import { expandHome } from '../net/expand-home.js';
import { readPemFile } from '../net/pem-file.js';
import type { KeyAndCertificates } from '../net/pem-file.js';
import { systemReason } from '../net/system-error.js';
import type { ProxyValues } from './options.js';

/** Names of servers that name a file as well. They may come from a client: none leads out of the directory. */
const fileName = /^[\w*:-][\w.*:-]*$/;

const role = 'client_certs';

/** Where they are: in one file for all servers, or in a directory of files `HOST.pem`. */
export class ClientCertificates {
  private readonly read = new Map<string, { readonly changed: number; readonly certificate: KeyAndCertificates }>();

  /** @throws {OptionError} when the path leads to nothing, or to a file that cannot be used */
  static async open({ clientCerts, certPassphrase }: ProxyValues): Promise<ClientCertificates> {
    if (clientCerts === undefined) return new ClientCertificates(undefined, false, undefined);
    const path = resolve(expandHome(clientCerts));
    const found = await stat(path).catch((error: unknown) => {
      throw new OptionError(`cannot read ${role} ${path}: ${systemReason(error).reason}`);
    });
    const certificates = new ClientCertificates(path, found.isDirectory(), certPassphrase);
    if (!found.isDirectory()) await certificates.for('');
    return certificates;
  }

  private constructor(
    private readonly path: string | undefined,
    private readonly isDirectory: boolean,
    private readonly passphrase: string | undefined,
  ) {}

  /**
   * The certificate for a server; undefined when there is none. The same object as long as its file is.
   * @throws {OptionError} when its file cannot be used
   */
  async for(serverName: string): Promise<KeyAndCertificates | undefined> {
    if (this.path === undefined) return undefined;
    if (!this.isDirectory) return this.load(this.path);
    return fileName.test(serverName) ? this.load(join(this.path, `${serverName.toLowerCase()}.pem`)) : undefined;
  }

  /** Files may come, go and change while the proxy runs. */
  private async load(path: string): Promise<KeyAndCertificates | undefined> {
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (changed === undefined && this.isDirectory) return undefined;
    const known = this.read.get(path);
    if (known !== undefined && known.changed === changed) return known.certificate;
    const certificate = await readPemFile(path, { role, passphrase: this.passphrase });
    this.read.set(path, { changed: changed ?? 0, certificate });
    return certificate;
  }
}
