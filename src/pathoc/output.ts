/** Where a run prints. Each promise resolves when more may be printed. */
export interface Output {
  /** What happened: whole lines. */
  result(text: string): Promise<void>;
  /** What went wrong before anything could happen, and notes: whole lines. */
  note(text: string): Promise<void>;
}
