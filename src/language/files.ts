import type { Segment } from './plan.js';

/** How specs reach files. The language itself opens none; `staticFiles` of `pathod` is the usual one. */
export interface Files {
  /**
   * The content of a file.
   * @throws {FileAccessDenied} when there is no directory, the file lies outside it, or cannot be read
   */
  segment(path: string): Segment;
  /**
   * The text of a file that holds a specification.
   * @throws {FileAccessDenied} as {@link segment}
   */
  text(path: string): string;
}
