import { RenderError } from '../errors.js';
import { draw, partOf } from './layout.js';
import { readSegment } from './plan.js';
import type { FullSettings } from './settings.js';
import type { Value } from './values.js';

/** Bytes that one value may have where all of it must be in memory. */
const mostBytes = 16 * 1024 * 1024;

/**
 * All bytes of a value as they will be drawn, for what must be encoded before it is sent.
 * @param slot names the source of its chance within the message
 * @throws {FileAccessDenied} for a file that may not be read
 * @throws {RenderError} for more than 16 MiB
 */
export function drawnBytes(value: Value, slot: number, settings: FullSettings): Buffer {
  const part = partOf(value, slot, settings);
  if (part.length > mostBytes) {
    throw new RenderError(`${value.spec.slice(0, 40)} is too long to be encoded: at most ${mostBytes} bytes are`);
  }
  return readSegment(draw(part, settings.random), 0, part.length);
}
