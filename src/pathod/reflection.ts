/** Frames that clients ask for with a frame of their own. */
import { SpecError } from '../errors.js';
import { parseFrames } from '../language/index.js';
import type { Files, Message, Random } from '../language/index.js';
import { Servable } from './recipe.js';
import type { Serving } from './recipe.js';
import { checkLength } from './spec-length.js';

const lead = Buffer.from('pathod!');

/** The spec in a payload, which begins with `pathod!`; undefined when it does not. */
export function reflectedSpec(payload: Buffer): Buffer | undefined {
  return payload.subarray(0, lead.length).equals(lead) ? payload.subarray(lead.length) : undefined;
}

/** @throws {SpecError} when the bytes are not UTF-8, or too many for a spec */
export function readReflectedSpec(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  checkLength(text);
  // What was read with replacement characters does not give the same bytes back.
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  const offset = text.indexOf('\ufffd');
  throw new SpecError('the spec is not valid UTF-8', {
    spec: text,
    offset: Math.max(0, offset),
    expected: ['UTF-8 text'],
  });
}

/** The frames of one spec, and how often they were served. */
export class Reflection {
  private readonly servables: readonly Servable[];
  private readonly source: Random;
  private served = 0;

  /** @throws {SpecError} when the spec is not valid, or holds `f` */
  constructor(spec: string, files: Files, seed: Random) {
    const known = new Map<Message, Servable>();
    this.servables = parseFrames(spec).map((message) => {
      const servable = known.get(message) ?? new Servable(message, files);
      known.set(message, servable);
      return servable;
    });
    this.source = seed.fork('reflected').fork(spec);
  }

  /** The frames in order, each made ready when its turn comes. @throws as {@link Servable.serve} */
  *serve(): Generator<Serving, void, undefined> {
    const source = this.source.fork(this.served++);
    for (let i = 0; i < this.servables.length; i++) {
      const servable = this.servables[i];
      if (servable) yield servable.serve(source.fork(i));
    }
  }
}
