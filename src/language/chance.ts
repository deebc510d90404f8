/** What the clauses of a message leave to chance. */
import { isAction, isEdit } from './clause.js';
import type { Clause } from './clause.js';
import { Flip } from './clauses/flip.js';
import { isRandomOffset } from './offset.js';
import { Generated } from './values.js';

/** Whether chance decides where something is done, or which bit is flipped. */
export function drawsPlace(clause: Clause): boolean {
  if (clause instanceof Flip) return true;
  return (isAction(clause) || isEdit(clause)) && isRandomOffset(clause.offset);
}

/** Whether any clause of a message says that something is drawn: data or a place. Keys are drawn without being asked for. */
export function hasChance({ clauses }: { readonly clauses: readonly Clause[] }): boolean {
  return clauses.some(
    (clause) => drawsPlace(clause) || clause.values.some((value) => value instanceof Generated && value.length() > 0),
  );
}
