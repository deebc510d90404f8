/** A flow with all that was sent, under labels: the layout of the logger of the NixOS module for mitmdump. */
import { isUtf8 } from 'node:buffer';
import { ContentError } from '../../errors.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Message } from '../message/message.js';
import { dotControls } from '../views/escaped-text.js';
import { textLines } from '../views/printed-lines.js';
import { showContent } from '../views/show-content.js';
import type { Line } from '../views/view.js';
import { headersText, lineText } from './flow-text.js';
import type { Paint } from './paint.js';

/** How a flow is told. */
export interface VerboseTextSettings {
  /** When it is told, in seconds since 1970. */
  readonly now: number;
  /** The content view of bodies; with `auto`, those that are text are told as they are. */
  readonly view: string;
  /** Lines of a body that are told. */
  readonly linesLimit: number;
  readonly paint: Paint;
}

/** Where values begin. */
const column = 17;

/** The time, the request, and its response and error, as far as there are these. */
export function verboseText(flow: HttpFlow, settings: VerboseTextSettings): string {
  const { paint, now } = settings;
  let text = `[${timeText(now)}]\n${messageText('Request', flow.request, flow, settings)}`;
  if (flow.response !== undefined) {
    text += labelled('Status', [String(flow.response.statusCode)], paint);
    text += messageText('Response', flow.response, flow, settings);
  }
  return flow.error === undefined ? text : text + labelled('Error', [dotControls(flow.error.message, false)], paint);
}

/** The time of the day, here. */
function timeText(now: number): string {
  const time = new Date(now * 1000);
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => digits(part, 2));
  return `${parts.join(':')}.${digits(time.getMilliseconds(), 3)}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

function messageText(kind: string, message: Message, flow: HttpFlow, settings: VerboseTextSettings): string {
  const { headers, trailers } = message;
  const { paint } = settings;
  const head = labelled(`${kind}Headers`, [], paint) + headersText(headers, paint);
  const body = labelled(`${kind}Body`, bodyLines(message, flow, settings), paint);
  if (trailers === undefined || trailers.size === 0) return head + body;
  return head + body + labelled(`${kind}Trailers`, [], paint) + headersText(trailers, paint);
}

/** A label and what it is of. Lines but the first stand below it: none of a body is taken for a label. */
function labelled(label: string, lines: readonly string[], paint: Paint): string {
  const start = `${label}:`;
  const gap = ' '.repeat(column - start.length);
  const [first = '', ...others] = lines;
  const value = first === '' ? '' : gap + first;
  const below = others.map((line) => (line === '' ? '\n' : `${' '.repeat(column)}${line}\n`));
  return `${paint(start, { bold: true })}${value}\n${below.join('')}`;
}

function bodyLines(message: Message, flow: HttpFlow, { view, linesLimit, paint }: VerboseTextSettings): string[] {
  if (message.rawContent === undefined) return ['(content missing)'];
  const text = view === 'auto' ? plainText(message) : undefined;
  const all: Iterable<Line> = text === undefined ? showContent(view, message, flow).lines : textLines(text);
  const lines: string[] = [];
  for (const line of all) {
    if (lines.length >= linesLimit) return [...lines, paint('(cut off)', { dim: true })];
    lines.push(lineText(line, paint));
  }
  return lines;
}

/** A body that is text, its content coding undone. UTF-8 is known when it is seen, whatever the headers say. */
function plainText(message: Message): string | undefined {
  try {
    const { content } = message;
    const texts = content !== undefined && isUtf8(content) ? [content.toString(), message.text] : [message.text];
    return texts.find((text) => text !== undefined && !/[\0-\x08\x0e-\x1f\x7f-\x9f]/.test(text));
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return undefined;
  }
}
