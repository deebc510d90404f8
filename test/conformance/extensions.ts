/**
 * Specs that were rejected and are now in the language, because a clause that the recorded program did not
 * have makes sense of them. Nothing else that was rejected may be accepted, so they are listed one by one.
 */
import type { CorpusCase } from './corpus.js';

/** Spec, as `parse_pathod` read it, to the canonical text of each message that it stands for now. */
const extensions: ReadonlyMap<string, readonly string[]> = new Map([
  // Several responses, one after the other.
  ['200 200', ['200', '200']],
  ['200 404', ['200', '404']],
  ['2 00', ['2', '00']],
  // Fractions of a second.
  ['200:p5,1.5', ['200:p5,1.5']],
  // Offsets that begin at the body.
  ["200:ib,'x'", ["200:ib,'x'"]],
]);

/** The canonical texts of a case that was rejected and is accepted now. */
export function extensionOf({ entry, spec, error }: CorpusCase): readonly string[] | undefined {
  return error?.stage === 'parse' && entry === 'parse_pathod' ? extensions.get(spec) : undefined;
}
