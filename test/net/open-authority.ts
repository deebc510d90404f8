/** Opens the authority of the directory given and prints its fingerprint: a process for a race. */
import { openAuthority } from '../../src/net/authority.js';

const { certificate } = await openAuthority(process.argv[2]);
console.log(certificate.fingerprint256);
