import { listMembers } from '../wire/field-text.js';
import type { Message } from './message/message.js';

/**
 * Whether a connection ends with a message: by what Connection says, or by the version where it says nothing
 * (RFC 9112, section 9.3).
 */
export function closesConnection({ httpVersion, headers }: Pick<Message, 'httpVersion' | 'headers'>): boolean {
  const values = headers.getAll('connection');
  if (values.length > 0) {
    const tokens = listMembers(values);
    if (tokens.includes('close')) return true;
    if (tokens.includes('keep-alive')) return false;
  }
  return httpVersion !== 'HTTP/1.1' && httpVersion !== 'HTTP/2.0';
}
