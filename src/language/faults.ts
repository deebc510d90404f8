/**
 * Faults by name: `fault:NAME` stands for a spec. The first three groups have the names that WireMock,
 * Toxiproxy and mockttp gave them.
 */

/** A spec with a name. */
export interface Fault {
  readonly name: string;
  readonly spec: string;
  /** What it stands for over HTTP/2; undefined when there is nothing like it there. */
  readonly http2: string | undefined;
  /** One line of help. */
  readonly help: string;
}

const ten = "b'0123456789'";

/** A status line, then messages of which nothing is left but a field that is put in. */
const endlessHeaders = "200:r:eh,2 200:r:e0,100:i0,'X-Endless: ':i0,@1k,ascii_letters:i0,'\\r\\n':x999999";

// Over HTTP/2 what is not well-formed is made of raw frames: the connection pauses, closes and is cut off there.
const status = "h2f:theaders:h':status'='200'";
const promised = `${status}:h'content-length'='10'`;
const tenAtOnce = `h2f:tdata:${ten}:end_stream`;
const later = `${promised}:p0,1 ${tenAtOnce}`;
const closed = 'h2f:tping:d0';
const cutOff = 'h2f:tping:d0,rst';

/** The head of a gzip stream (RFC 1952, section 2.3). */
const gzipHead = String.raw`\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff`;

/** A literal without indexing, named x-endless, whose value is promised to have 2^40 bytes (RFC 7541, section 6.2.2). */
const endlessField = String.raw`\x00\x09x-endless\x7f\x81\xff\xff\xff\xff\x1f`;

/** Stands for a spec that HTTP/2 knows as well. */
const same = Symbol('same');

type Row = readonly [name: string, spec: string, help: string, http2?: string | typeof same];

const table: readonly Row[] = [
  ['empty_response', '200:d0', 'Closes without a byte of an answer.', closed],
  [
    'malformed_response_chunk',
    "200:r:h'Transfer-Encoding'='chunked':b@64,punctuation:da",
    'A good head that promises chunks, then garbage, then the end.',
  ],
  [
    'random_data_then_close',
    '200:i0,@512:d0',
    'Random bytes in place of an answer, then the end.',
    'h2f:tping:i0,@512:d0',
  ],
  ['connection_reset_by_peer', '200:d0,rst', 'A TCP reset in place of an answer.', cutOff],

  ['fixed_delay', `200:${ten}:p0,1`, 'Answers after a second.', later],
  [
    'chunked_dribble_delay',
    '200:b@100,ascii:k20:wb,50',
    'Five chunks that drip in within two seconds and a half.',
    `${status} (h2f:tdata:b@20,ascii:p0,0.5):x4 h2f:tdata:b@20,ascii:p0,0.5:end_stream`,
  ],

  ['latency', `200:${ten}:p0,1`, 'Answers after a second.', later],
  [
    'bandwidth',
    '200:b@32k,ascii:w0,10k',
    '32 KiB at 10 KiB a second.',
    `${status} h2f:tdata:b@16k,ascii:w0,10k h2f:tdata:b@16k,ascii:w0,10k:end_stream`,
  ],
  [
    'slow_close',
    `200:${ten}:pa,5:da`,
    'A whole answer; the connection closes five seconds later.',
    `200:${ten} h2f:tping:p0,5:d0`,
  ],
  ['timeout', '200:p0,f', 'Never answers, never closes.', 'h2f:tping'],
  ['reset_peer', '200:p0,1:d0,rst', 'A TCP reset after a second.', 'h2f:tping:p0,1:d0,rst'],
  [
    'slicer',
    '200:b@500,ascii:w0,200',
    'Sent in slices of ten bytes.',
    `${status} (h2f:tdata:b@10,ascii:p0,0.05):x49 h2f:tdata:b@10,ascii:p0,0.05:end_stream`,
  ],
  [
    'limit_data',
    '200:b@10k,ascii:db+1000',
    'Closes after 1000 bytes of a body of 10 KiB.',
    `${status}:h'content-length'='10240' h2f:tdata:b@10k,ascii:db+1000`,
  ],
  ['down', '200:d0', 'Closes as if nobody were there.', closed],

  ['close_connection', '200:d0', 'Closes without a byte of an answer.', closed],
  ['reset_connection', '200:d0,rst', 'A TCP reset in place of an answer.', cutOff],
  ['delay', `200:${ten}:p0,1`, 'Answers after a second.', later],

  [
    'content_length_too_long',
    `200:${ten}:h'Content-Length'='20':da`,
    'Promises 20 bytes, sends 10, closes.',
    `200:${ten}:h'content-length'='20'`,
  ],
  [
    'content_length_too_short',
    `200:${ten}:h'Content-Length'='5'`,
    'Promises 5 bytes and sends 10.',
    `200:${ten}:h'content-length'='5'`,
  ],
  [
    'content_length_twice',
    `200:${ten}:h'Content-Length'='10':h'Content-Length'='5'`,
    'Two lengths that do not agree.',
    `200:${ten}:h'content-length'='10':h'content-length'='5'`,
  ],
  [
    'content_length_and_transfer_encoding',
    `200:${ten}:k5:h'Content-Length'='3'`,
    'Chunks and a length: the chunks are to be believed.',
  ],
  ['bad_chunk_size', `200:${ten}:k5:ob,'z'`, 'A chunk whose size is no number.'],
  ['huge_chunk_size', `200:${ten}:k10:ib,'ffffffffffffffff'`, 'A chunk size beyond 64 bits.'],
  ['missing_last_chunk', `200:${ten}:k5:db+20`, 'Closes after all the data, before the last chunk.'],
  [
    'bare_lf',
    "200:r:e0,100:i0,'HTTP/1.1 200 OK\\nContent-Length: 10\\n\\n0123456789'",
    'Lines that end in LF without CR.',
  ],
  ['obs_fold', `200:${ten}:h'X-Folded'='one\\r\\n two'`, 'A field folded over two lines, as RFC 9112 forbids.'],
  ['duplicate_status_line', `200:${ten}:ih,'HTTP/1.1 200 OK\\r\\n'`, 'The status line twice.'],
  ['nul_in_header', `200:${ten}:h'X-Nul'='a\\x00b'`, 'A NUL in a field value.', `200:${ten}:h'x-nul'='a\\x00b'`],
  ['wrong_version', `200:${ten}:vHTTP/9.9`, 'A version of HTTP that does not exist.'],
  ['not_http', `200:${ten}:vSSH-2.0`, 'A start line of another protocol.'],
  [
    'early_fin',
    `200:${ten}:db+5,fin`,
    'Ends our side in the middle of the body, and reads on.',
    `${promised} h2f:tdata:${ten}:db+5,fin`,
  ],
  [
    'half_close',
    `200:${ten}:da,fin`,
    'A whole answer, then the end of our side, and reads on.',
    `200:${ten} h2f:tping:d0,fin`,
  ],
  [
    'rst_after_bytes',
    '200:b@10k,ascii:pb+1000,0.2:db+1000,rst',
    'A TCP reset after 1000 bytes of the body, once they had time to be read.',
    `${status}:h'content-length'='10240' h2f:tdata:b@10k,ascii:pb+1000,0.2:db+1000,rst`,
  ],
  [
    'truncated_gzip',
    "200:b@1k,ascii_letters:zgzip:h'Content-Length'='100':eb+100,2000",
    'The first 100 bytes of a gzip stream, in a message that is complete.',
    String.raw`200:h'content-encoding'='gzip':b'${gzipHead}\x01d\x00\x9b\xff0123456789'`,
  ],
  [
    'corrupt_gzip',
    '200:b@1k,ascii_letters:zgzip:~b+100',
    'A gzip stream with one bit wrong.',
    String.raw`200:h'content-encoding'='gzip':b'${gzipHead}\x01\x0a\x00\xf5\xff0123456789\xc7\xc7\x84\xa6\x0a\x00\x00\x00'`,
  ],
  [
    'wrong_content_encoding',
    "200:h'Content-Encoding'='gzip':b'This is plain text.'",
    'Plain text that claims to be gzip.',
    "200:h'content-encoding'='gzip':b'This is plain text.'",
  ],
  ['wrong_charset', "200:c'text/plain; charset=utf-8':b'caf\\xe9'", 'ISO 8859-1 that claims to be UTF-8.', same],
  ['wrong_content_type', "200:c'application/json':b'<p>Not JSON</p>'", 'HTML that claims to be JSON.', same],
  ['bit_flip', '200:b@1k,ascii:~br', 'One bit of the body wrong.', `${status} h2f:tdata:b@1k,ascii:end_stream:~br`],
  ['stalled_headers', `200:${ten}:ph,f`, 'A status line, and nothing more.', `${promised}:pb+1,f`],
  ['stalled_body', `200:${ten}:pb+5,f`, 'Half a body, and nothing more.', `${promised} h2f:tdata:b'01234'`],
  ['slow_headers', `200:${ten}:w0,20`, 'Twenty bytes a second.', `${promised}:w0,20 ${tenAtOnce}:w0,20`],
  [
    'endless_headers',
    endlessHeaders,
    'Field after field, a kilobyte each, a million of them.',
    `${status}:-end_headers (h2f:tcontinuation:-end_headers:h'x-endless'=@1k,ascii_letters):x999999`,
  ],
  [
    'endless_header_field',
    "200:h'X-Endless'=@1t,ascii_letters",
    'A field that goes on for a tebibyte.',
    `${status}:b'${endlessField}':-end_headers (h2f:tcontinuation:-end_headers:b@16k,ascii_letters):x999999`,
  ],
  [
    'endless_informational',
    `102:r:m'Processing':p0,0.1:x999999 200:${ten}`,
    'Ten 102 a second for a day, then an answer.',
    `(h2f:theaders:h':status'='102':p0,0.1):x999999 200:${ten}`,
  ],
  [
    'endless_body',
    '200:r:b@1t,ascii:wb,10m',
    'A body without a length that goes on for a day, at 10 MiB a second.',
    '200:r:b@1t,ascii',
  ],
  [
    'two_responses',
    `200:${ten} 200:b'unasked for':p0,0.1`,
    'Two answers to one request, the second a moment later.',
    `200:${ten} h2f:theaders:h':status'='200':h'content-length'='11':p0,0.1 h2f:tdata:b'unasked for':end_stream`,
  ],
];

/** The faults that everybody has, in the order in which they are listed. */
export const faults: readonly Fault[] = table.map(([name, spec, help, http2]) => ({
  name,
  spec,
  http2: http2 === same ? spec : http2,
  help,
}));
