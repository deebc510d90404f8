import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readSources } from './source-graph.js';

interface House {
  /** From the ground up; each entry is a folder or a file below `src/`. */
  floors: string[][];
  /** Rooms that never import one another. */
  strangers: string[][];
  /** Rooms without sockets, files and clocks, and the Node modules they leave alone; the lint rules add the globals. */
  pure: { rooms: string[]; modules: string[] };
  linesPerFile: number;
}

const house = JSON.parse(readFileSync(new URL('floors.json', import.meta.url), 'utf8')) as House;
const rooms = house.floors.flat().sort((a, b) => b.length - a.length);
const sources = readSources();

/** The innermost room of a file, by its path below `src/`. */
function roomOf(file: string): string | undefined {
  return rooms.find((room) => file === room || file.startsWith(`${room}/`));
}

function floorOf(room: string | undefined): number {
  return house.floors.findIndex((names) => room !== undefined && names.includes(room));
}

function topOf(file: string): string {
  return file.replace(/\/.*/, '');
}

/** All pairs of a file and a file of ours that it imports. */
const links = sources.flatMap(({ name, imports }) =>
  imports.flatMap(({ file, typeOnly }) => (file === undefined ? [] : [{ from: name, to: file, typeOnly }])),
);

function told(bad: readonly { from: string; to: string }[]): string[] {
  return bad.map(({ from, to }) => `${from} imports ${to}`);
}

describe('the floors', () => {
  it('have a room for every file', () => {
    expect(sources.filter(({ name }) => roomOf(name) === undefined).map(({ name }) => name)).toEqual([]);
  });

  it('are only climbed downwards', () => {
    const bad = links.filter(({ from, to }) => {
      const [here, there] = [floorOf(roomOf(from)), floorOf(roomOf(to))];
      return there > here || (there === here && topOf(from) !== topOf(to));
    });
    expect(told(bad)).toEqual([]);
  });

  it.each(house.strangers)('keep %s, %s and %s apart', (...set) => {
    const bad = links.filter(
      ({ from, to }) => topOf(from) !== topOf(to) && [from, to].every((file) => set.includes(topOf(file))),
    );
    expect(told(bad)).toEqual([]);
  });

  it('let net know of language only its plans; the rest by type', () => {
    const bad = links.filter(
      ({ from, to, typeOnly }) =>
        topOf(from) === 'net' && topOf(to) === 'language' && to !== 'language/plan' && !typeOnly,
    );
    expect(told(bad)).toEqual([]);
  });
});

describe('the pure rooms', () => {
  const pure = sources.filter(({ name }) => house.pure.rooms.includes(roomOf(name) ?? ''));

  it('import no socket, file or clock', () => {
    const bad = pure.flatMap(({ name, imports }) =>
      imports
        .filter(({ specifier }) => house.pure.modules.includes(specifier.replace(/^node:/, '')))
        .map(({ specifier }) => ({ from: name, to: specifier })),
    );
    expect(told(bad)).toEqual([]);
  });
});

describe('every file', () => {
  it('takes part in no circle of imports', () => {
    const next = new Map(
      sources.map(({ name, imports }) => [name, imports.filter((i) => !i.typeOnly).map((i) => i.file)]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (path.includes(file) || done.has(file)) return;
      for (const to of next.get(file) ?? []) if (to !== undefined) walk(to, [...path, file]);
      done.add(file);
    };
    for (const { name } of sources) walk(name, []);
    expect(circles).toEqual([]);
  });

  it(`is no longer than ${house.linesPerFile} lines`, () => {
    const long = sources.filter(({ lines }) => lines > house.linesPerFile);
    expect(long.map(({ name, lines }) => `${name}: ${lines}`)).toEqual([]);
  });

  it('bears the name of one thing, in kebab-case', () => {
    const parts = sources.flatMap(({ name }) => name.split('/'));
    expect(parts.filter((part) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part))).toEqual([]);
    expect(parts.filter((part) => /^(utils?|helpers?|common|misc|shared|lib)$/.test(part))).toEqual([]);
  });
});
