import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import ts from 'typescript';

/** One import, or export from, as it stands in a file. */
export interface Import {
  /** As written: `node:net`, `../errors.js`. */
  readonly specifier: string;
  /** The file below `src/` that is meant, without its ending; undefined when it is a package or a Node module. */
  readonly file: string | undefined;
  /** Whether it leaves nothing behind in the program. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Below `src/`, without its ending: `wire/byte-queue`. */
  readonly name: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** Reads all of `src/`. */
export function readSources(): SourceFile[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => readSource(path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join('src', path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const file = specifier.text.startsWith('.')
      ? normalize(join(path, '..', specifier.text)).replace(/\.js$/, '')
      : undefined;
    imports.push({ specifier: specifier.text, file, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { name: path.replace(/\.ts$/, ''), lines: text.split('\n').length - 1, imports };
}
