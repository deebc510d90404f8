import { isError } from '../errors.js';
import { lineRepr } from './bytes-repr.js';
import type { Http2Frame } from './http2-frames.js';
import { decodeHttp2Payload } from './http2-payload.js';
import { flagNames, frameTypeName, hexadecimal, http2ErrorName, settingName } from './http2-registry.js';

/** A frame in one line for logs: `headers:end_stream|end_headers stream=1 13b`, and what is short enough to be told. */
export function describeHttp2Frame(frame: Http2Frame): string {
  const type = frameTypeName(frame.type) ?? hexadecimal(frame.type);
  const flags = flagNames(frame.type, frame.flags);
  const reserved = frame.reserved ? ' reserved' : '';
  const head = [type, ...(flags.length > 0 ? [flags.join('|')] : [])].join(':');
  return `${head} stream=${frame.streamId}${reserved} ${frame.payload.length}b${detail(frame)}`;
}

function detail(frame: Http2Frame): string {
  try {
    const payload = decodeHttp2Payload(frame);
    switch (payload.type) {
      case 'rst_stream':
        return ` ${http2ErrorName(payload.errorCode)}`;
      case 'settings':
        return payload.settings.map(([id, value]) => ` ${settingName(id) ?? hexadecimal(id)}=${value}`).join('');
      case 'push_promise':
        return ` promised=${payload.promisedStreamId}`;
      case 'ping':
        return ` ${payload.opaque.toString('hex')}`;
      case 'goaway':
        return ` last=${payload.lastStreamId} ${http2ErrorName(payload.errorCode)}${debug(payload.debug)}`;
      case 'window_update':
        return ` +${payload.increment}`;
      default:
        return '';
    }
  } catch (error) {
    return ` (${isError(error) ? error.message : String(error)})`;
  }
}

/** What a peer says in its own words. */
function debug(bytes: Buffer): string {
  return bytes.length === 0 ? '' : ` ${lineRepr(bytes)}`;
}
