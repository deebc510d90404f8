/** A small client of a user service, the code under test. */
export interface User {
  readonly name: string;
}

export class ServiceError extends Error {}

/** Fetches a user; every way in which the network can fail becomes a ServiceError within `timeout` ms. */
export async function fetchUser(base: string, id: string, timeout = 1000): Promise<User> {
  try {
    const response = await fetch(`${base}/users/${encodeURIComponent(id)}`, { signal: AbortSignal.timeout(timeout) });
    if (!response.ok) throw new ServiceError(`the service answered ${response.status}`);
    return (await response.json()) as User;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('the service cannot be reached, or talks nonsense', { cause: error });
  }
}
