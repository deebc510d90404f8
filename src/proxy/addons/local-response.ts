import { version } from '../../version.js';
import { Response } from '../message/response.js';

/** What responses that are made here say of their server. */
export const serverName = `pathod ${version}`;

/** A response that is made here and says so. */
export function localResponse(
  status: number,
  content: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.make(status, content, { Server: serverName, ...headers });
}
