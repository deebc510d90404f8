/**
 * One HTTP client, one request, one outcome. Plain JavaScript, so that it starts at once: there are hundreds.
 *
 *     node client.mjs CLIENT BREATH URL NEXT
 *
 * Asks for URL as anybody would who has read no further than the first example, and prints what came of it
 * as a line of JSON. After a success, and BREATH milliseconds, it asks for NEXT, with the connection that may be
 * left from the first request, and prints a second line. An error that nobody catches ends the process, as it would elsewhere.
 */
const clients = {
  async fetch(url) {
    const response = await fetch(url);
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },

  async undici(url) {
    const { request } = await import('undici');
    const { statusCode, headers, body } = await request(url);
    return { status: statusCode, headers, body: await body.text() };
  },

  async 'node:http'(url) {
    const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
    return new Promise((resolve, reject) => {
      get(url, async (response) => {
        try {
          response.setEncoding('utf8');
          let body = '';
          for await (const text of response) body += text;
          resolve({ status: response.statusCode, headers: response.headers, body });
        } catch (error) {
          reject(error);
        }
      }).on('error', reject);
    });
  },

  async axios(url) {
    const { default: axios } = await import('axios');
    const { status, headers, data } = await axios.get(url);
    return { status, headers, body: typeof data === 'string' ? data : JSON.stringify(data) };
  },

  async got(url) {
    const { default: got } = await import('got');
    // It would ask again by itself, and what is looked at here is one answer.
    const { statusCode, headers, body } = await got(url, { retry: { limit: 0 } });
    return { status: statusCode, headers, body };
  },
};

/** The innermost cause that has a code, or else the error itself. */
function described(error) {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (typeof inner.code === 'string') return { code: inner.code, message: inner.message };
  }
  const { name, message, cause } = error;
  return { code: name, message: cause instanceof Error ? cause.message : message };
}

function print(value) {
  return new Promise((resolve) => {
    process.stdout.write(`${JSON.stringify(value)}\n`, resolve);
  });
}

const [name, breath, url, next] = process.argv.slice(2);
const ask = clients[name];

async function outcomeOf(url) {
  try {
    const { status, headers, body } = await ask(url);
    // More than this nobody compares.
    return { kind: 'success', status, headers, body: body.slice(0, 1000), length: body.length };
  } catch (error) {
    return { kind: 'error', ...described(error) };
  }
}

const first = await outcomeOf(url);
await print(first);
if (first.kind === 'success') {
  await new Promise((resolve) => setTimeout(resolve, Number(breath)));
  await print(await outcomeOf(next));
}
process.exit();
