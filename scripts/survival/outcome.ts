export interface Success {
  readonly kind: 'success';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The first thousand characters of the body. */
  readonly body: string;
  /** Characters of the whole body. */
  readonly length: number;
  /** What came of the next request, with the connection that may be left. */
  readonly next?: Outcome;
}

/** What came of one request. */
export type Outcome =
  | Success
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** Nothing, until patience ran out. */
  | { readonly kind: 'hang' }
  /** The process ended by itself, without an outcome. */
  | { readonly kind: 'crash'; readonly message: string };
