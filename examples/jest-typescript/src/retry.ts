/** Fetches with retries: only statuses from 500 on, and failures of the network, are tried again. */
export async function fetchWithRetry(urls: readonly string[]): Promise<Response> {
  let last: unknown;
  for (const url of urls) {
    try {
      const response = await fetch(url);
      if (response.status < 500) return response;
      last = new Error(`status ${response.status}`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
