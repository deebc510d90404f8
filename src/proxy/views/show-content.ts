/** Shows a body or a message: chooses the view, and falls back to raw bytes when that cannot show it. */
import { ContentError } from '../../errors.js';
import type { Flow } from '../flow/flow.js';
import { decodeContent } from '../message/content-coding.js';
import { parseContentType } from '../message/content-type.js';
import { Message } from '../message/message.js';
import { dotControls } from './escaped-text.js';
import { multipartView } from './multipart-view.js';
import { rawView } from './raw-view.js';
import type { Line, Rendered, View, ViewContext } from './view.js';
import { viewNamed, views } from './views.js';

/** A body, shown. */
export interface Shown extends Rendered {
  /** What the view threw, when it was broken by the body. The body is shown raw then. */
  readonly error?: unknown;
}

const failed = "Couldn't parse: falling back to Raw";

/**
 * Shows the body of a request or response, its content coding undone, or a message of a WebSocket or a stream.
 * @param name of a view; `auto`, and names that there are not, give the fittest
 */
export function showContent(name: string, message: Message | { readonly content: Buffer }, flow?: Flow): Shown {
  if (!(message instanceof Message)) {
    return showBytes(name, message.content, { contentType: undefined, message: undefined, flow });
  }
  if (message.rawContent === undefined) return { description: '', lines: [[['error', 'content missing']]] };
  const { content, note } = decoded(message, message.rawContent);
  const type = message.headers.get('content-type');
  const contentType = type === undefined ? undefined : parseContentType(type);
  const shown = showBytes(name, content, { contentType, message, flow });
  return note === '' ? shown : { ...shown, description: `${note} ${shown.description}` };
}

/** Shows bytes. What is shown holds no control characters but line ends and tabs. */
export function showBytes(name: string, content: Buffer, context: ViewContext): Shown {
  const { description, lines, error } = rendered(name, content, context);
  return { description, lines: printable(lines), ...(error !== undefined && { error }) };
}

function rendered(name: string, content: Buffer, context: ViewContext): Shown {
  try {
    const view = viewNamed(name) ?? fittest(content, context);
    if (view === 'none') return { description: 'No content', lines: [] };
    if (view === 'unfit') return fallback(content, context);
    return view.render(content, context) ?? fallback(content, context);
  } catch (error) {
    return { ...fallback(content, context), error };
  }
}

function fallback(content: Buffer, context: ViewContext): Rendered {
  return { description: failed, lines: rawView.render(content, context)?.lines ?? [] };
}

/**
 * The view with the highest priority, the first of several. The ancestor's cannot read the forms that it chooses
 * its view of multipart forms for, and shows them raw; so they are here, unless the view is asked for.
 */
function fittest(content: Buffer, context: ViewContext): View | 'none' | 'unfit' {
  let best: View = rawView;
  let highest = 0;
  for (const view of views) {
    const priority = view.priority(content, context);
    if (priority > highest) [best, highest] = [view, priority];
  }
  if (best === multipartView) return 'unfit';
  return content.length === 0 && highest < 0.3 ? 'none' : best;
}

/** The content of a message, and what is told of its coding; nothing of one that is not known. */
function decoded(message: Message, raw: Buffer): { readonly content: Buffer; readonly note: string } {
  const coding = message.headers.get('content-encoding') ?? '';
  if (coding === '' || !isKnown(coding)) return { content: raw, note: '' };
  try {
    const content = decodeContent(raw, coding);
    return { content, note: content.equals(raw) ? '' : `[decoded ${coding}]` };
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return { content: raw, note: '[cannot decode]' };
  }
}

function isKnown(coding: string): boolean {
  try {
    decodeContent(Buffer.alloc(0), coding);
    return true;
  } catch {
    return false;
  }
}

function* printable(lines: Iterable<Line>): Generator<Line, void, undefined> {
  for (const line of lines) yield line.map(([style, text]) => [style, dotControls(text)] as const);
}
