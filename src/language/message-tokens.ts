/** The tokens of one message, put to the rules that no grammar knows. */
import type { IToken, TokenType } from 'chevrotain';
import { SpecError } from '../errors.js';
import type { Clause, ClauseType } from './clause.js';
import { skipSpace } from './scan.js';
import { clauseOf } from './tokens.js';

/** Clauses that one message may have. */
const maximumClauses = 10_000;

/**
 * The clauses of a message's tokens.
 * @param spec the whole text, for errors
 * @param typeOf the declaration behind a token type
 * @throws {SpecError} when there are too many, or two of one that is unique
 */
export function checkedClauses(
  tokens: readonly IToken[],
  spec: string,
  typeOf: ReadonlyMap<TokenType, ClauseType>,
): readonly Clause[] {
  const seen = new Set<string>();
  const extra = tokens[maximumClauses];
  if (extra) {
    throw new SpecError(
      `a message may have at most ${String(maximumClauses)} clauses`,
      { spec, offset: extra.startOffset },
      'ERR_SPEC_LIMIT',
    );
  }
  return tokens.map((token) => {
    const unique = typeOf.get(token.tokenType)?.unique;
    if (unique !== undefined) {
      if (seen.has(unique)) {
        throw new SpecError(
          `Message has multiple ${unique} clauses, but should only have one.`,
          { spec, offset: skipSpace(spec, token.startOffset) },
          'ERR_SPEC_DUPLICATE',
        );
      }
      seen.add(unique);
    }
    return clauseOf(token);
  });
}

/**
 * Another response stands behind white space, or a code left behind by mistake would be one.
 * @throws {SpecError}
 */
export function apart(tokens: readonly IToken[], spec: string): readonly IToken[] {
  const offset = tokens[0]?.startOffset ?? 0;
  if (offset === 0 || ' \t\r\n('.includes(spec.charAt(offset - 1))) return tokens;
  throw new SpecError('white space must stand before another response', { spec, offset, expected: ['a space'] });
}
