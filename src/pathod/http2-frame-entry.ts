import type { Http2FrameRecord } from './log-record.js';
import type { LogEntry } from './log.js';

/** An HTTP/2 frame in one line. */
export class Http2FrameEntry implements LogEntry {
  readonly weight: number;

  /** @param frame what `describeHttp2Frame` says */
  constructor(
    readonly at: number,
    private readonly direction: Http2FrameRecord['direction'],
    private readonly frame: string,
  ) {
    this.weight = 256 + frame.length;
  }

  record(id: number): Http2FrameRecord {
    return { id, type: 'http2-frame', direction: this.direction, frame: this.frame };
  }

  text(): string {
    return `http2 frame ${this.direction}: ${this.frame}\n`;
  }
}
