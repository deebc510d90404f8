/** What filter expressions mean, as a tree, and their canonical text. */

/** An operator with its argument: a regular expression as it stands between quotes, or the digits of a number. */
export interface OperatorExpression {
  readonly kind: 'operator';
  readonly code: string;
  readonly argument?: string;
}

export type FilterExpression =
  | OperatorExpression
  | { readonly kind: 'not'; readonly operand: FilterExpression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly FilterExpression[] };

/** An expression as text, with every sign and bracket in place. Read again, it gives the same tree. */
export function filterText(expression: FilterExpression): string {
  switch (expression.kind) {
    case 'operator':
      return `~${expression.code}${expression.argument === undefined ? '' : ` ${argumentText(expression.argument)}`}`;
    case 'not':
      return `!${inBrackets(expression.operand, ['operator', 'not'])}`;
    case 'and':
      return expression.operands.map((operand) => inBrackets(operand, ['operator', 'not'])).join(' & ');
    case 'or':
      return expression.operands.map((operand) => inBrackets(operand, ['operator', 'not', 'and'])).join(' | ');
  }
}

/** An operand in brackets, unless it is of a kind that binds tighter. A blank must follow most operators. */
function inBrackets(operand: FilterExpression, free: readonly FilterExpression['kind'][]): string {
  return free.includes(operand.kind) ? filterText(operand) : `( ${filterText(operand)} )`;
}

const controls: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r' };

/** As it is, where nothing in it would end it; else in quotes. */
function argumentText(argument: string): string {
  if (/^[^ \t\r\n()~'"]+$/.test(argument)) return argument;
  return `"${argument.replace(/["\\]/g, '\\$&').replace(/[\t\n\f\r]/g, (sign) => controls[sign] ?? sign)}"`;
}
