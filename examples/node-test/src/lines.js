/** Yields the lines of a text resource as they arrive, without waiting for its end. */
export async function* lines(url) {
  const response = await fetch(url);
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n');
    rest = parts.pop();
    yield* parts;
  }
  if (rest !== '') yield rest;
}
