/** A request in the form in which other programs are told of it. */
import { ContentError } from '../../errors.js';
import type { Request } from '../message/request.js';
import { formatHostPort } from '../message/url.js';

/**
 * A copy without coding of its body, and without fields that other programs make themselves.
 * @throws {ContentError} when its body was not kept
 */
export function exportedRequest(request: Request): Request {
  if (request.rawContent === undefined) throw new ContentError('the body of the request was not kept');
  const copy = request.clone();
  copy.decode(false);
  copy.headers.delete('content-length');
  const { scheme, host, port } = request;
  const given = copy.headers.get('host');
  if (given === host || given === formatHostPort(scheme, host, port)) copy.headers.delete('host');
  return copy;
}

/** The body as text. @throws {ContentError} when it is not text */
export function exportedText(request: Request): string {
  try {
    return request.getText(true) ?? '';
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    throw new ContentError(`the body of the request cannot be written as text: ${error.message}`);
  }
}

/** Control characters as escapes: `\x0a`. */
export function escapeControls(text: string): string {
  return text.replace(/[\0-\x1f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
