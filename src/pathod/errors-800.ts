/**
 * The daemon's own error pages. Code 800 stands in no standard, so that none can be taken for a
 * crafted response. They are messages of the language like any other.
 */
import { FileAccessDenied, RenderError, SpecError } from '../errors.js';
import { encodeEscapes } from '../language/escapes.js';
import { parseResponse } from '../language/index.js';
import { Servable } from './recipe.js';

/** An error page. */
export interface ErrorPage {
  readonly servable: Servable;
  /** All that it says over HTTP/2, and its body over HTTP/1. */
  readonly body: string;
  /** For a refusal: why. The log shows that instead of the page, and the connection is closed after it. */
  readonly refusal: string | undefined;
  /** What went wrong, for the text log. */
  readonly remark: string | undefined;
}

/** No anchor matches, and the path does not begin with the craft prefix. */
export const notFound: ErrorPage = page('Not found', 'No valid craft request found');

/** The same over HTTP/2. */
export function notFoundOverHttp2(craftPrefix: string): ErrorPage {
  return page('Not found', `HTTP/2 only supports request/response with the craft anchor point: ${craftPrefix}`);
}

/** CONNECT over HTTP/2 (RFC 9113, section 8.5). */
export const noTunnelOverHttp2: ErrorPage = page('Not implemented', 'CONNECT is served over HTTP/1 only');

/** A client speaks plain HTTP to a port that speaks TLS. */
export const plainOnTls: ErrorPage = page('Plain HTTP on a TLS port', 'This port speaks TLS: ask for https');

/** A policy says no. The same reason gives the same page. */
export function refused(reason: string): ErrorPage {
  let known = refusals.get(reason);
  if (known === undefined) {
    known = page(reason, reason, reason);
    refusals.set(reason, known);
  }
  return known;
}

/** Policies and file access have a handful of reasons among them. */
const refusals = new Map<string, ErrorPage>();

/** Whatever the making of a message threw, as an answer; rethrows what is no fault of the spec. */
export function pageFor(error: unknown): ErrorPage {
  if (error instanceof FileAccessDenied) return { ...refused('File access denied.'), remark: error.message };
  if (error instanceof SpecError) {
    const body = `Error parsing response spec: ${error.message}\n${error.marked()}\n`;
    return { ...page('Parse Error', body), remark: `Parse error: ${error.message}` };
  }
  if (error instanceof RenderError) {
    const body = `Error rendering response: ${error.message}\n`;
    return { ...page('Render Error', body), remark: `Render error: ${error.message}` };
  }
  throw error;
}

function page(reason: string, text: string, refusal?: string): ErrorPage {
  const body = `pathod error: ${text}`;
  const [message] = parseResponse(`800:m${quoted(reason)}:h'Content-Type'='text/plain':b${quoted(body)}`);
  if (message === undefined) throw new TypeError('an error page is one message');
  return { servable: new Servable(message, undefined), body, refusal, remark: undefined };
}

/** Text as a literal of the language. */
export function quoted(text: string): string {
  return `'${encodeEscapes(Buffer.from(text, 'utf8'))}'`;
}
