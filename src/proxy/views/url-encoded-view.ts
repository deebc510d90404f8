import { isAscii } from 'node:buffer';
import { decodePairs } from '../message/query.js';
import { pairLines } from './printed-lines.js';
import { mediaType } from './view.js';
import type { View } from './view.js';

/** The fields of a form (`application/x-www-form-urlencoded`). */
export const urlEncodedView: View = {
  name: 'url-encoded',
  aliases: ['urlencoded'],
  priority: (content, context) =>
    content.length > 0 && mediaType(context) === 'application/x-www-form-urlencoded' ? 1 : 0,
  render: (content) => {
    if (!isAscii(content)) return undefined;
    return { description: 'URLEncoded form', lines: pairLines(decodePairs(content.toString('latin1'))) };
  },
};
