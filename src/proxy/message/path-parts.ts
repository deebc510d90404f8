/** The parts of a request target; separators are part of none. */
export interface PathParts {
  readonly path: string;
  /** The parameters of the last segment: what follows `;`. */
  readonly parameters: string;
  readonly query: string;
  readonly fragment: string;
}

/** Takes a target apart. */
export function splitPath(target: string): PathParts {
  const [, path = '', parameters = '', query = '', fragment = ''] =
    /^((?:[^?#]*\/)?[^/;?#]*)(?:;([^?#]*))?(?:\?([^#]*))?(?:#(.*))?$/s.exec(target) ?? [];
  return { path, parameters, query, fragment };
}

/** Puts a target together; parts that are empty leave no separator. */
export function joinPath({ path, parameters, query, fragment }: PathParts): string {
  const led = (sign: string, part: string): string => (part === '' ? '' : sign + part);
  return path + led(';', parameters) + led('?', query) + led('#', fragment);
}
