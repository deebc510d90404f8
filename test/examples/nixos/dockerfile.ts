/** An instruction of a Dockerfile: its name, and what stands behind it, on one line. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, in their order. Here-documents and other escape characters are not known. */
export function instructionsOf(dockerfile: string): Instruction[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  return lines.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    const [, name, text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no instruction: ${line}`);
    return [{ name, text: text.trim() }];
  });
}
