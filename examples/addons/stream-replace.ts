// Replaces a word in bodies of any size as they pass. Run: mitmdump -s examples/addons/stream-replace.ts
import type { HttpFlow } from 'pathod/proxy';

const word = 'colour';
const replacement = 'color';

export function requestheaders({ request }: HttpFlow): void {
  // Chunks are what is sent: compressed ones could not be read.
  request.anticomp();
}

export function responseheaders({ response }: HttpFlow): void {
  if (!response?.headers.get('content-type')?.startsWith('text/')) return;
  let rest = '';
  response.stream = (chunk) => {
    const parts = (rest + chunk.toString('latin1')).split(word);
    const last = parts.pop() ?? '';
    // The end may begin the word, and waits for the next chunk. An empty chunk is the end of the body.
    const sure = chunk.length === 0 ? last.length : Math.max(0, last.length - word.length + 1);
    rest = last.slice(sure);
    return Buffer.from([...parts, last.slice(0, sure)].join(replacement), 'latin1');
  };
}
