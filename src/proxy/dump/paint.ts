/** Colours of text on terminals (ECMA-48, section 8.3.117). */

const colours = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, 'bright-blue': 94 };

/** How a piece of text is drawn. What is not said is left as it is. */
export interface Look {
  readonly colour?: keyof typeof colours | undefined;
  readonly bold?: boolean;
  readonly dim?: boolean;
  /** `false` says so: some terminals remember. */
  readonly blink?: boolean;
}

/** Draws a piece of text. */
export type Paint = (text: string, look: Look) => string;

/** For files and pipes: text as it is. */
export const plainPaint: Paint = (text) => text;

/** For terminals. */
export const terminalPaint: Paint = (text, { colour, bold, dim, blink }) => {
  const codes = [
    ...(colour === undefined ? [] : [colours[colour]]),
    ...(bold === true ? [1] : []),
    ...(dim === true ? [2] : []),
    ...(blink === undefined ? [] : [blink ? 5 : 25]),
  ];
  if (codes.length === 0) return text;
  return `${codes.map((code) => `\x1b[${String(code)}m`).join('')}${text}\x1b[0m`;
};
