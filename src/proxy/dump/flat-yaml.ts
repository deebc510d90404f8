/**
 * Reads the part of YAML that files of options are written in: names with scalars, or with lists of these, either in
 * brackets or a line each behind a dash. Everything else is refused, never taken for something that it is not.
 */

/** A scalar as text, null for none; or a list of texts. */
type FlatValue = string | null | readonly string[];

/**
 * The values by name.
 * @throws {SyntaxError} for what is no such file; it names the line
 */
export function readFlatYaml(text: string): ReadonlyMap<string, FlatValue> {
  const values = new Map<string, FlatValue>();
  let open: { readonly name: string; readonly items: string[] } | undefined;
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const refuse = (what: string): never => {
      throw new SyntaxError(`line ${String(i + 1)}: ${what}`);
    };
    if (/^\s*(?:#|$)/.test(line) || /^(?:---|\.\.\.)\s*(?:#.*)?$/.test(line)) continue;
    const item = /^\s*-(?:\s+(.*))?$/.exec(line);
    if (item !== null) {
      if (open === undefined) refuse('an item of a list stands without a name');
      else {
        open.items.push(scalar(item[1] ?? '', refuse) ?? refuse('an item of a list is empty'));
        values.set(open.name, open.items);
      }
      continue;
    }
    const pair = /^(?:"([^"\\]*)"|'([^']*)'|([A-Za-z_][\w-]*))\s*:(?:\s+(.*))?$/.exec(line);
    if (pair === null) return refuse('this is not `name: value`');
    const name = pair[1] ?? pair[2] ?? pair[3] ?? '';
    if (values.has(name)) refuse(`${name} stands twice`);
    const value = valueOf(pair[4] ?? '', refuse);
    values.set(name, value);
    open = value === null ? { name, items: [] } : undefined;
  }
  return values;
}

type Refuse = (what: string) => never;

function valueOf(written: string, refuse: Refuse): FlatValue {
  if (!written.startsWith('[')) return scalar(written, refuse);
  const items: string[] = [];
  let rest = written.slice(1).trimStart();
  while (!rest.startsWith(']')) {
    const [, item = '', end = '', after = ''] =
      /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,[\]{}"'#]+?)\s*([,\]])(.*)$/.exec(rest) ??
      refuse('this list is not closed');
    items.push(scalar(item, refuse) ?? refuse('an item of a list is empty'));
    rest = (end === ']' ? end : '') + after.trimStart();
  }
  if (!/^\]\s*(?:#.*)?$/.test(rest)) refuse('something stands behind the list');
  return items;
}

/** A scalar with perhaps a comment behind it. */
function scalar(written: string, refuse: Refuse): string | null {
  const text = written.trim();
  if (text.startsWith('"')) return doubleQuoted(text, refuse);
  if (text.startsWith("'")) {
    const [, inner = ''] = /^'((?:[^']|'')*)'(?:\s+#.*)?$/.exec(text) ?? refuse('these quotes are not closed');
    return inner.replaceAll("''", "'");
  }
  const plain = text.replace(/(?:^|\s+)#.*$/, '');
  // What begins so is an anchor, a tag, a block of lines, a map: more than one line of text.
  if (/^[&*!|>%@`{}[\],]|^[?:-](?:\s|$)|:\s|:$/.test(plain))
    refuse('this is more than a text, a number, a flag or a list');
  return plain === '' || /^(?:~|null|Null|NULL)$/.test(plain) ? null : truth(plain);
}

/** Flags as options take them. */
function truth(plain: string): string {
  return /^(?:true|false)$/i.test(plain) ? plain.toLowerCase() : plain;
}

function doubleQuoted(text: string, refuse: Refuse): string {
  const [, quoted = ''] = /^("(?:[^"\\]|\\.)*")(?:\s+#.*)?$/.exec(text) ?? refuse('these quotes are not closed');
  try {
    // The escapes of JSON are among those of YAML.
    const read: unknown = JSON.parse(quoted.replaceAll('\t', '\\t'));
    if (typeof read === 'string') return read;
  } catch {
    // Refused below.
  }
  return refuse('these quotes hold an escape that is not known here');
}
