import { gifFacts, icoFacts, jpegFacts, pngFacts } from './image-facts.js';
import type { Fact } from './image-facts.js';
import { pairLines } from './printed-lines.js';
import type { View } from './view.js';

/** A format: how it begins, and what is told of it beyond its name. */
interface Format {
  readonly name: string;
  readonly begins: RegExp;
  readonly facts?: (content: Buffer) => Fact[];
}

const formats: readonly Format[] = [
  { name: 'JPEG', begins: /^[^]{6}(?:JFIF|Exif)|^\xff\xd8\xff\xdb/, facts: jpegFacts },
  { name: 'PNG', begins: /^\x89PNG\r\n\x1a\n/, facts: pngFacts },
  { name: 'GIF', begins: /^GIF8[79]a/, facts: gifFacts },
  { name: 'TIFF', begins: /^(?:MM|II)/ },
  { name: 'RGB', begins: /^\x01\xda/ },
  { name: 'PBM', begins: /^P[14][ \t\n\r]/ },
  { name: 'PGM', begins: /^P[25][ \t\n\r]/ },
  { name: 'PPM', begins: /^P[36][ \t\n\r]/ },
  { name: 'RAST', begins: /^\x59\xa6\x6a\x95/ },
  { name: 'XBM', begins: /^#define / },
  { name: 'BMP', begins: /^BM/ },
  { name: 'WEBP', begins: /^RIFF[^]{4}WEBP/ },
  { name: 'EXR', begins: /^\x76\x2f\x31\x01/ },
  { name: 'ICO', begins: /^\0\0\x01\0/, facts: icoFacts },
];

/** What the head of an image says. The image itself is not decoded. */
export const imageView: View = {
  name: 'image',
  priority: (content, { contentType }) =>
    content.length > 0 && contentType?.type === 'image' && contentType.subtype !== 'svg+xml' ? 1 : 0,
  render: (content) => {
    const head = content.toString('latin1', 0, 32);
    const format = formats.find(({ begins }) => begins.test(head));
    const name = format?.name ?? 'Unknown';
    const facts = format?.facts?.(content) ?? [['Image Format', name.toLowerCase()] as const];
    return { description: `${name} Image`, lines: pairLines(facts) };
  },
};
