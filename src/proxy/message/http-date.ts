/** Dates in headers, read in any form that was ever in use (RFC 9110, section 5.6.7, and RFC 5322). */

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const fullMonths = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
  ...['august', 'september', 'october', 'november', 'december'],
];
/** Hours before or after GMT, times a hundred. */
const zones: Readonly<Record<string, number>> = {
  ...{ UT: 0, UTC: 0, GMT: 0, Z: 0, AST: -400, ADT: -300, EST: -500, EDT: -400 },
  ...{ CST: -600, CDT: -500, MST: -700, MDT: -600, PST: -800, PDT: -700 },
};

/** Seconds since 1970; `undefined` for what is no date. A date without a zone is in GMT. */
export function parseHttpDate(text: string): number | undefined {
  const words = wordsOf(text);
  if (words === undefined) return undefined;
  let [day, month, year, time, zone] = words;
  if (monthOf(month) === -1) [day, month] = [month, day];
  if (year.indexOf(':') > 0) [year, time] = [time, year];
  if (!/^\d/.test(year)) [year, zone] = [zone, year];
  const clock = /^(\d+)([:.])(\d+)(?:\2(\d+))?,?$/.exec(time);
  const [, dayNumber] = /^(\d+),?$/.exec(day) ?? [];
  const [, yearNumber] = /^(\d+),?$/.exec(year) ?? [];
  if (!clock || dayNumber === undefined || yearNumber === undefined || monthOf(month) === -1) return undefined;
  const [, hours, , minutes, seconds = '0'] = clock;
  const short = Number(yearNumber);
  const full = short < 100 ? short + (short > 68 ? 1900 : 2000) : short;
  const at = Date.UTC(full, monthOf(month), Number(dayNumber), Number(hours), Number(minutes), Number(seconds)) / 1000;
  return Number.isNaN(at) ? undefined : at - secondsOf(zone);
}

/** A date as it is written today: `Sun, 06 Nov 1994 08:49:37 GMT`. @param seconds since 1970; fractions are cut off */
export function formatHttpDate(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toUTCString();
}

/** Day, month, year, time and zone, perhaps in another order. */
function wordsOf(text: string): [string, string, string, string, string] | undefined {
  let words = text.trim().split(/\s+/);
  const first = words[0] ?? '';
  if (first.endsWith(',') || days.includes(first.toLowerCase())) words = words.slice(1);
  else words = [first.slice(first.lastIndexOf(',') + 1), ...words.slice(1)];
  const parts = words.length === 3 ? (words[0] ?? '').split('-') : [];
  if (parts.length === 3) words = [...parts, ...words.slice(1)];
  if (words.length === 4) {
    const time = words[3] ?? '';
    const sign = time.search(/[+-]/);
    words = sign > 0 ? [...words.slice(0, 3), time.slice(0, sign), time.slice(sign)] : [...words, ''];
  }
  const [day, month, year, time, zone] = words;
  return day && month && year && time !== undefined && zone !== undefined ? [day, month, year, time, zone] : undefined;
}

function monthOf(name: string): number {
  const lower = name.toLowerCase();
  return Math.max(months.indexOf(lower), fullMonths.indexOf(lower));
}

function secondsOf(zone: string): number {
  const named = zones[zone.toUpperCase()];
  const offset = named ?? (/^[+-]?\d+$/.test(zone) ? Number(zone) : 0);
  return Math.sign(offset) * (Math.floor(Math.abs(offset) / 100) * 3600 + (Math.abs(offset) % 100) * 60);
}
