/** The tables of the language, copied from its reference and from nowhere else. */

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const whitespace = ' \t\n\r\x0b\x0c';

/** Datatype to the characters it draws from. */
export const datatypes: ReadonlyMap<string, ReadonlySet<number>> = new Map(
  Object.entries({
    ascii_letters: lower + lower.toUpperCase(),
    ascii_lowercase: lower,
    ascii_uppercase: lower.toUpperCase(),
    digits,
    hexdigits: `${digits}abcdefABCDEF`,
    octdigits: '01234567',
    punctuation,
    whitespace,
    ascii: digits + lower + lower.toUpperCase() + punctuation + whitespace,
    bytes: Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join(''),
  }).map(([name, characters]) => [name, new Set(Buffer.from(characters, 'latin1'))]),
);

/** What a masking key that is made up consists of. */
export const keyCharacters: ReadonlySet<number> = new Set(Buffer.from(lower + lower.toUpperCase() + digits));

/** Units of generated data; the place of each is its power of 1024. */
export const units = 'bkmgt';

/** Inside of a character class: what may stand in a naked value. Printable ASCII but `, : @ ' "`. */
export const nakedCharacters = '!#-&(-+\\--9;-?A-~';

export const reasons: ReadonlyMap<number, string> = new Map(
  `
100 Continue
101 Switching Protocols
200 OK
201 Created
202 Accepted
203 Non-Authoritative Information
204 No Content
205 Reset Content.
206 Partial Content
207 Multi-Status
300 Multiple Choices
301 Moved Permanently
302 Found
303 See Other
304 Not Modified
305 Use Proxy
307 Temporary Redirect
400 Bad Request
401 Unauthorized
402 Payment Required
403 Forbidden
404 Not Found
405 Method Not Allowed
406 Not Acceptable
407 Proxy Authentication Required
408 Request Time-out
409 Conflict
410 Gone
411 Length Required
412 Precondition Failed
413 Request Entity Too Large
414 Request-URI Too Long
415 Unsupported Media Type
416 Requested Range not satisfiable
417 Expectation Failed
418 I'm a teapot
499 Client Closed Request
500 Internal Server Error
501 Not Implemented
502 Bad Gateway
503 Service Unavailable
504 Gateway Time-out
505 HTTP Version not supported
507 Insufficient Storage Space
510 Not Extended`
    .trim()
    .split('\n')
    .map((line) => [parseInt(line, 10), line.slice(4)]),
);

/** Letter, name and header value of the user agents that `u` knows. */
export const userAgents: readonly (readonly [letter: string, name: string, header: string])[] = [
  ['a', 'android', 'Mozilla/5.0 (Linux; U; Android 4.1.1; en-gb; Nexus 7 Build/JRO03D) AFL/01.04.02'],
  [
    'l',
    'blackberry',
    'Mozilla/5.0 (BlackBerry; U; BlackBerry 9900; en) AppleWebKit/534.11+ (KHTML, like Gecko) Version/7.1.0.346 Mobile Safari/534.11+',
  ],
  ['b', 'bingbot', 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)'],
  [
    'c',
    'chrome',
    'Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.1 (KHTML, like Gecko) Chrome/22.0.1207.1 Safari/537.1',
  ],
  ['f', 'firefox', 'Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:14.0) Gecko/20120405 Firefox/14.0a1'],
  ['g', 'googlebot', 'Googlebot/2.1 (+http://www.googlebot.com/bot.html)'],
  ['i', 'ie9', 'Mozilla/5.0 (Windows; U; MSIE 9.0; WIndows NT 9.0; en-US)'],
  [
    'p',
    'ipad',
    'Mozilla/5.0 (iPad; CPU OS 5_1 like Mac OS X) AppleWebKit/534.46 (KHTML, like Gecko) Version/5.1 Mobile/9B176 Safari/7534.48.3',
  ],
  [
    'h',
    'iphone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 4_2_1 like Mac OS X) AppleWebKit/533.17.9 (KHTML, like Gecko) Version/5.0.2 Mobile/8C148a Safari/6533.18.5',
  ],
  [
    's',
    'safari',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_3) AppleWebKit/534.55.3 (KHTML, like Gecko) Version/5.1.3 Safari/534.53.10',
  ],
];

/** Opcode names. */
export const opcodes: ReadonlyMap<string, number> = new Map(
  Object.entries({ continue: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }),
);

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];

/** What is hashed with the client's key for Sec-WebSocket-Accept (RFC 6455, section 1.3). */
export const websocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
