/** Cuts XML and HTML into tags, comments and text. Any text has tokens: it need not be correct. */

export interface XmlToken {
  readonly kind: 'text' | 'tag' | 'comment' | 'cdata';
  readonly text: string;
}

/** The shortest comment is `<!-->`. A tag ends at the first `>`, in quotes or not. */
const pattern = /<!(?=--)(?:[^]*?-->|[^]*$)|<!\[CDATA\[[^]*?(?:\]\]>|$)|<[^>]*>?|[^<]+/g;

/** The tokens of a text; blank text is passed over. What is not closed goes to the end. */
export function xmlTokens(text: string): XmlToken[] {
  return Array.from(text.matchAll(pattern), ([token]) => ({ kind: kindOf(token), text: token })).filter(
    (token) => token.text.trim() !== '',
  );
}

function kindOf(token: string): XmlToken['kind'] {
  if (token.startsWith('<!--')) return 'comment';
  if (token.startsWith('<![CDATA[')) return 'cdata';
  return token.startsWith('<') ? 'tag' : 'text';
}
