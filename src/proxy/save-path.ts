/** Where flows are saved, as options say it: `[+]PATH`, with places for the time in it. */
import { expandHome } from '../net/expand-home.js';

/** A place, taken apart. */
export interface SavePath {
  /** With its directives for the time. */
  readonly path: string;
  /** Whether flows are put behind those that are there. */
  readonly append: boolean;
}

export function readSavePath(spec: string): SavePath {
  return spec.startsWith('+')
    ? { path: expandHome(spec.slice(1)), append: true }
    : { path: expandHome(spec), append: false };
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** The directives of C's `strftime` that are of use in names of files, in the locale C and local time. */
const directives: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getFullYear()),
  y: (time) => two(time.getFullYear() % 100),
  m: (time) => two(time.getMonth() + 1),
  d: (time) => two(time.getDate()),
  e: (time) => String(time.getDate()).padStart(2),
  H: (time) => two(time.getHours()),
  I: (time) => two(((time.getHours() + 11) % 12) + 1),
  M: (time) => two(time.getMinutes()),
  S: (time) => two(time.getSeconds()),
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  j: (time) => String(dayOfYear(time)).padStart(3, '0'),
  a: (time) => (days[time.getDay()] ?? '').slice(0, 3),
  A: (time) => days[time.getDay()] ?? '',
  b: (time) => (months[time.getMonth()] ?? '').slice(0, 3),
  B: (time) => months[time.getMonth()] ?? '',
  w: (time) => String(time.getDay()),
  u: (time) => String(time.getDay() || 7),
  F: (time) => formatTime('%Y-%m-%d', time),
  T: (time) => formatTime('%H:%M:%S', time),
  R: (time) => formatTime('%H:%M', time),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  '%': () => '%',
};

/** A text with its directives replaced; those that are not known stay. */
export function formatTime(text: string, time: Date): string {
  return text.replace(/%([A-Za-z%])/g, (whole, letter: string) => directives[letter]?.(time) ?? whole);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function dayOfYear(time: Date): number {
  const today = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return (today - Date.UTC(time.getFullYear(), 0, 1)) / millisecondsPerDay + 1;
}
