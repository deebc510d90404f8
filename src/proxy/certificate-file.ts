/** The file of the authority's certificate, for programs that are to trust it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { authorityCertificateFile } from '../net/authority-files.js';
import { expandHome } from '../net/expand-home.js';

export class CertificateFile {
  private directory: string | undefined;

  /**
   * Its path: in the directory of the authority, or for one in memory a copy.
   * @param pem gives what the copy holds
   */
  path(confdir: string | undefined, pem: () => string): string {
    if (confdir !== undefined) return join(resolve(expandHome(confdir)), authorityCertificateFile);
    if (this.directory === undefined) {
      const text = pem();
      this.directory = mkdtempSync(join(tmpdir(), 'pathod-'));
      writeFileSync(join(this.directory, authorityCertificateFile), text);
    }
    return join(this.directory, authorityCertificateFile);
  }

  /** Removes the copy, if there is one. */
  remove(): void {
    if (this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true });
  }
}
