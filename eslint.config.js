import { readFileSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The floors of docs/architecture.md; test/house/floors.test.ts reads the same table. */
const { floors, strangers, pure } = JSON.parse(
  readFileSync(new URL('test/house/floors.json', import.meta.url), 'utf8'),
);
const rooms = floors.flatMap((names, floor) => names.map((name) => ({ name, floor })));

/** The files of a room: `net` is a folder, `errors` or `pathod/main` a file. */
const filesOf = (room) => [`src/${room}.ts`, `src/${room}/**/*.ts`];

/** The rooms within a room, which have floors of their own: `pathod/main` in `pathod`. */
const roomsWithin = (room) => rooms.filter(({ name }) => name.startsWith(`${room}/`)).map(({ name }) => name);

const top = (room) => room.split('/')[0];

function mayNotImport(from, to) {
  if (from.name === to.name) return false;
  if (
    strangers.some(
      (set) => top(from.name) !== top(to.name) && set.includes(top(from.name)) && set.includes(top(to.name)),
    )
  ) {
    return true;
  }
  return to.floor > from.floor || (to.floor === from.floor && top(to.name) !== top(from.name));
}

const floorRules = rooms
  .filter(({ name }) => name !== 'index')
  .map((room) => {
    const forbidden = rooms.filter((other) => other.name !== 'index' && mayNotImport(room, other));
    const isPure = pure.rooms.includes(room.name);
    const names = forbidden.map(({ name }) => name.replace('/', '\\/')).join('|');
    return {
      name: `floors/${room.name}`,
      files: filesOf(room.name),
      ignores: roomsWithin(room.name).flatMap(filesOf),
      rules: {
        'no-restricted-imports': [
          'error',
          {
            paths: isPure
              ? pure.modules.flatMap((module) =>
                  [module, `node:${module}`].map((name) => ({
                    name,
                    message: 'Floors 0 to 2 touch no socket, file or clock.',
                  })),
                )
              : [],
            patterns:
              names === ''
                ? []
                : [
                    {
                      regex: `^(\\.\\.?\\/)+(${names})(\\/|\\.js$)`,
                      message: 'Imports go down only: see docs/architecture.md.',
                    },
                  ],
          },
        ],
        ...(isPure && {
          'no-restricted-globals': ['error', ...pure.globals],
          'no-restricted-properties': ['error', ...pure.properties.map(([object, property]) => ({ object, property }))],
        }),
      },
    };
  });

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'fixtures/', 'examples/*/', '!examples/addons/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'] }],
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An interface may ask for a promise where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-console': 'error',
      'max-lines': ['error', 400],
      // A tokenizer, a wire reader and a property test over all bytes name control characters on purpose.
      'no-control-regex': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "BinaryExpression[operator='instanceof'][right.name='Error']",
          message: 'Errors of Node are no instances of it under Jest: use isError.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts', 'scripts/**/*.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  ...floorRules,
);
