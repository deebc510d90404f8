import ts from 'typescript';

/**
 * The names that declarations promise as values, of each module that a file imports as a namespace.
 * @param file a program of lines `import * as name from 'module'`, beside which the package is installed
 */
export function valueExports(file: string): ReadonlyMap<string, readonly string[]> {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.Node16,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const found = new Map<string, readonly string[]>();
  for (const statement of program.getSourceFile(file)?.statements ?? []) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamespaceImport(bindings)) continue;
    // The type of a namespace has its values; what is exported as a type only is none.
    const members = checker.getTypeAtLocation(bindings.name).getProperties();
    found.set(statement.moduleSpecifier.text, members.map(({ name }) => name).sort());
  }
  return found;
}
