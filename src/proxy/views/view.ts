/** What a content view is. A view takes a body and gives lines of text whose parts say what they are. */
import type { Flow } from '../flow/flow.js';
import type { ContentType } from '../message/content-type.js';
import type { Message } from '../message/message.js';

/** What a part of a line is. Those who draw it choose the colours. */
export type Style = 'text' | 'header' | 'offset' | 'error' | 'json_string' | 'json_number' | 'json_boolean';

/** A part of a line. */
export type Span = readonly [style: Style, text: string];

/** A line, without its end. */
export type Line = readonly Span[];

/** A body as a view shows it. Lines may be made as they are read: a body may have more of them than anybody wants. */
export interface Rendered {
  /** What the body was found to be, for people: `JSON`, `PNG Image`. */
  readonly description: string;
  readonly lines: Iterable<Line>;
}

/** What is known of a body besides its bytes. */
export interface ViewContext {
  /** Its Content-Type, when there is one that is a media type. */
  readonly contentType: ContentType | undefined;
  /** The request or response that it is of; none for messages of WebSockets and streams. */
  readonly message: Message | undefined;
  readonly flow: Flow | undefined;
}

/** One way to look at a body. */
export interface View {
  /** As people write it; its case does not matter. */
  readonly name: string;
  /** What options may call it besides, in lower case. */
  readonly aliases?: readonly string[];
  /** How fit the view is for this body: the fittest is chosen, and of several the first. 0 is unfit. */
  priority(content: Buffer, context: ViewContext): number;
  /**
   * The body as this view shows it.
   * @returns `undefined` when it is not what the view is for
   * @throws anything, when it is broken
   */
  render(content: Buffer, context: ViewContext): Rendered | undefined;
}

/** The media type of a body, without parameters; empty when it has none. */
export function mediaType({ contentType }: ViewContext): string {
  return contentType === undefined ? '' : `${contentType.type}/${contentType.subtype}`;
}
