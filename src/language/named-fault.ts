/** What `fault:NAME` stands for. */
import { SpecError } from '../errors.js';
import { nearest } from '../options/suggest.js';
import { faults } from './faults.js';
import { skipSpace } from './scan.js';

/** Faults of the user, name to spec. A spec may be the name of another: `fault:NAME`. */
export type OwnFaults = Readonly<Record<string, string>>;

/** A fault by name, whose spec it is over one protocol. */
type Known = readonly [name: string, spec: string | undefined];

/** `fault:` in front of a name, at the beginning of a text or behind white space. */
const lead = /^[ \t\r\n]*fault[ \t\r\n]*:/i;

/**
 * What `fault:NAME` stands for; undefined for any other text. Case, `-` and `_` make no difference in names, and
 * neither does `then`, with which mockttp begins them. A name that stands for another is followed to the end.
 * @param own come before those that everybody has
 * @throws {SpecError} for a name that is not known, for names that stand for one another, and for a fault
 *   that the protocol has nothing like
 * @throws {TypeError} when `own` is not an object of names and specs
 */
export function specOfFault(text: string, protocol: 'http1' | 'http2', own: OwnFaults = {}): string | undefined {
  checkOwnFaults(own);
  if (!isFault(text)) return undefined;
  const known = knownFaults(own, protocol);
  const passed: string[] = [];
  let spec = text;
  for (let at = 0; isFault(spec);) {
    at = spec.indexOf(':') + 1;
    at = skipSpace(spec, at);
    const written = spec.slice(at).trimEnd();
    const found = known.find(([name]) => faultKey(name) === faultKey(written));
    if (!found) throw unknownFault(spec, at, known);
    const [name, next] = found;
    if (passed.includes(name)) {
      const circle = [...passed.slice(passed.indexOf(name)), name].join(', ');
      throw new SpecError(`faults stand for one another in a circle: ${circle}`, { spec, offset: at });
    }
    if (next === undefined) {
      const message = `fault:${name} exists only over HTTP/1: ask with HTTP/1.1, or start pathod with --no-http2`;
      throw new SpecError(message, { spec, offset: 0 });
    }
    passed.push(name);
    spec = next;
  }
  return spec;
}

/** Whether a text begins as the name of a fault does. */
export function isFault(text: string): boolean {
  return lead.test(text);
}

/** Two names of one key are the same name. */
export function faultKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_]/g, '')
    .replace(/^then(?=.)/, '');
}

function knownFaults(own: OwnFaults, protocol: 'http1' | 'http2'): readonly Known[] {
  const everybody = faults.map(({ name, spec, http2 }) => [name, protocol === 'http1' ? spec : http2] as const);
  return [...Object.entries(own), ...everybody];
}

function checkOwnFaults(own: unknown): void {
  const isRecord = typeof own === 'object' && own !== null && !(Symbol.iterator in own);
  if (isRecord && Object.values(own).every((spec) => typeof spec === 'string')) return;
  throw new TypeError('faults is an object whose keys are names and whose values are specs: { NAME: SPEC }');
}

function unknownFault(spec: string, offset: number, known: readonly Known[]): SpecError {
  const written = spec.slice(offset).trimEnd();
  const expected = ['the name of a fault; pathod --faults lists them'];
  if (written === '') return new SpecError('fault: needs a name', { spec, offset, expected });
  const alone = known.map(([name]) => name).find((name) => isFollowed(name, written));
  const rule = 'a fault takes no clauses and stands alone';
  if (alone !== undefined) {
    const message = `nothing may stand behind fault:${alone}: ${rule}; begin with the spec that it stands for`;
    return new SpecError(message, { spec, offset: offset + alone.length, expected: ['the end'] });
  }
  const word = /^[^:\s]+(?=\s*[:\s])/.exec(written)?.[0];
  const name = word ?? written;
  const message = `no fault is called ${JSON.stringify(name.slice(0, 40))}${word === undefined ? '' : `, and ${rule}`}`;
  const suggestion = nearest(
    name.toLowerCase(),
    known.map(([candidate]) => candidate),
  );
  if (suggestion === undefined)
    return new SpecError(`${message}; pathod --faults lists them`, { spec, offset, expected });
  return new SpecError(`${message}; did you mean ${suggestion}?`, { spec, offset, expected, suggestion });
}

/** Whether a text is a name, and then something that looks like a clause or a message. */
function isFollowed(name: string, written: string): boolean {
  return faultKey(name) === faultKey(written.slice(0, name.length)) && /^\s*[:\s]/.test(written.slice(name.length));
}
