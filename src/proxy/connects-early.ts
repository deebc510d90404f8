import type { Address } from './flow/connection.js';
import type { ProxyValues } from './options.js';

/**
 * Whether a server is connected to before it is known what is asked of it: the option `connection_strategy`. The host
 * of the page that certificates are installed from is no server.
 */
export function connectsEarly(values: ProxyValues, [host]: Address): boolean {
  if (values.connectionStrategy !== 'eager') return false;
  return !(values.onboarding && host.toLowerCase() === values.onboardingHost.toLowerCase());
}
