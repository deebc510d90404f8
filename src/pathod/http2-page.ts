import { parseHttp2ResponseSequence } from '../language/index.js';
import { quoted } from './errors-800.js';
import type { ErrorPage } from './errors-800.js';
import { Http2Servable } from './http2-recipe.js';

const made = new WeakMap<ErrorPage, Http2Servable>();

/** An error page over HTTP/2: its status, its length and its body only. */
export function http2Page(page: ErrorPage): Http2Servable {
  let servable = made.get(page);
  if (servable === undefined) {
    servable = new Http2Servable(parseHttp2ResponseSequence(`800:b${quoted(page.body)}`), undefined);
    made.set(page, servable);
  }
  return servable;
}
