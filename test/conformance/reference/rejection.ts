/** Thrown by the reference for a spec that is not in the language. */
export class Rejection extends Error {
  override readonly name = 'Rejection';

  constructor(
    message: string,
    /** The decision that rejects what the recorded program accepted, or fell over. */
    readonly decision?: string,
  ) {
    super(message);
  }
}
