/** Vectors of content views, and of the texts around them. */
import { Request } from '../../src/proxy/message/request.js';
import { dotControls, escapeBytes, unescapeBytes } from '../../src/proxy/views/escaped-text.js';
import { formatAddress, prettyDuration, prettySize } from '../../src/proxy/views/human-text.js';
import { isMostlyBinary, looksLikeXml } from '../../src/proxy/views/mostly-binary.js';
import { showContent } from '../../src/proxy/views/show-content.js';

interface ContentViewInput {
  readonly view: string;
  readonly content_type: string | null;
  readonly body_hex: string;
  readonly path?: string;
}

interface EscapeInput {
  readonly hex: string;
  readonly keep_spacing: boolean;
  readonly escape_single_quotes: boolean;
}

export const viewSubjects = {
  contentview: ({ view, content_type, body_hex, path = '/' }: ContentViewInput) => {
    const headers = content_type === null ? {} : { 'content-type': content_type };
    const rawContent = Buffer.from(body_hex, 'hex');
    const message = new Request({ method: 'GET', scheme: 'http', host: 'h', port: 80, path, headers, rawContent });
    const { description, lines, error } = showContent(view, message);
    return { description, lines: [...lines], failed: error !== undefined };
  },
  is_mostly_bin: (hex: string) => isMostlyBinary(Buffer.from(hex, 'hex')),
  is_xml: (hex: string) => looksLikeXml(Buffer.from(hex, 'hex')),
  escape_control_characters: ({ text, keep_spacing }: { readonly text: string; readonly keep_spacing: boolean }) =>
    dotControls(text, keep_spacing),
  bytes_to_escaped_str: ({ hex, keep_spacing, escape_single_quotes }: EscapeInput) =>
    escapeBytes(Buffer.from(hex, 'hex'), { keepSpacing: keep_spacing, escapeApostrophes: escape_single_quotes }),
  escaped_str_to_bytes: (text: string) => unescapeBytes(text).toString('hex'),
  human_pretty_size: prettySize,
  human_pretty_duration: prettyDuration,
  human_format_address: (address: readonly [string, number] | null) => formatAddress(address ?? undefined),
};
