/** The media types that the names of files tell of (IANA's registry). */

const types: Readonly<Record<string, string>> = {
  ...{ html: 'text/html', htm: 'text/html', xhtml: 'application/xhtml+xml', css: 'text/css', csv: 'text/csv' },
  ...{ js: 'text/javascript', mjs: 'text/javascript', json: 'application/json', map: 'application/json' },
  ...{ txt: 'text/plain', text: 'text/plain', log: 'text/plain', md: 'text/markdown', xml: 'text/xml' },
  ...{ yaml: 'application/yaml', yml: 'application/yaml', webmanifest: 'application/manifest+json' },
  ...{ png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' },
  ...{ avif: 'image/avif', bmp: 'image/bmp', ico: 'image/vnd.microsoft.icon', svg: 'image/svg+xml' },
  ...{
    tif: 'image/tiff',
    tiff: 'image/tiff',
    woff: 'font/woff',
    woff2: 'font/woff2',
    ttf: 'font/ttf',
    otf: 'font/otf',
  },
  ...{ mp3: 'audio/mpeg', ogg: 'audio/ogg', wav: 'audio/wav', m4a: 'audio/mp4', flac: 'audio/flac' },
  ...{ mp4: 'video/mp4', webm: 'video/webm', mov: 'video/quicktime', mpeg: 'video/mpeg', ts: 'video/mp2t' },
  ...{ pdf: 'application/pdf', zip: 'application/zip', gz: 'application/gzip', tar: 'application/x-tar' },
  ...{ wasm: 'application/wasm', bin: 'application/octet-stream', rtf: 'application/rtf', doc: 'application/msword' },
  ...{ atom: 'application/atom+xml', rss: 'application/rss+xml', ics: 'text/calendar', vtt: 'text/vtt' },
};

/** The type that the end of a file's name stands for; undefined when it is not known. */
export function mediaType(file: string): string | undefined {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(types, ending) ? types[ending] : undefined;
}
