import type { Address } from './flow/connection.js';
import type { ProxyContext } from './context.js';

/**
 * Whether a server is connected to before it is known what is asked of it: the option `connection_strategy`. An addon
 * may keep servers away. The host of the page that certificates are installed from is no server.
 */
export function connectsEarly({ store: { values }, hooks }: ProxyContext, [host]: Address): boolean {
  if (values.connectionStrategy !== 'eager' || hooks.keepServersAway) return false;
  return !(values.onboarding && host.toLowerCase() === values.onboardingHost.toLowerCase());
}
