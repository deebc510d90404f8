import { parseContentType } from './content-type.js';

/** Sniffed in the body where the header names none; the body is looked at as ISO 8859-1. */
const inHtml = /<meta[^>]+charset=['"]?([^'">]+)/i;
const inCss = /^@charset "([^"]+)";/i;

/**
 * The charset of a body, as the ancestor guesses it: what Content-Type says, UTF-8 for JSON, what HTML
 * and CSS say in themselves, else ISO 8859-1. GB 18030 stands for the smaller charsets that it extends.
 * @param contentType the header, or empty
 * @param content the body, decoded
 */
export function guessCharset(contentType: string, content: Buffer): string {
  const charset =
    parseContentType(contentType)?.parameters.get('charset') ||
    (contentType.includes('json') ? 'utf8' : undefined) ||
    (contentType.includes('html') ? inHtml.exec(content.toString('latin1'))?.[1] : undefined) ||
    (contentType.includes('text/css') ? inCss.exec(content.toString('latin1', 0, 256))?.[1] : undefined) ||
    'latin-1';
  return /^(gb2312|gbk)$/i.test(charset) ? 'gb18030' : charset;
}
