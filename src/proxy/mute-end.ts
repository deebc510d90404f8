import { Duplex } from 'node:stream';

/** Stands where nobody is: takes everything, and never says a word. */
export function muteEnd(): Duplex {
  return new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
}
