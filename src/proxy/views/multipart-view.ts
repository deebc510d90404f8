import { escapeBytes } from './escaped-text.js';
import { decodeMultipart } from '../message/multipart.js';
import { formatContentType } from '../message/content-type.js';
import { pairLines } from './printed-lines.js';
import type { View } from './view.js';

/** The fields of a form with files (`multipart/form-data`). */
export const multipartView: View = {
  name: 'multipart form',
  aliases: ['multipart'],
  priority: (content, { contentType }) =>
    content.length > 0 && contentType?.type === 'multipart' && contentType.subtype === 'form-data' ? 1 : 0,
  render: (content, { contentType }) => {
    if (contentType === undefined) return undefined;
    const fields = decodeMultipart(formatContentType(contentType), content);
    if (fields === undefined || fields.length === 0) return undefined;
    const pairs = fields.map(([name, value]) => [name, escapeBytes(value, { keepSpacing: true })] as const);
    return { description: 'Multipart form', lines: pairLines(pairs) };
  },
};
