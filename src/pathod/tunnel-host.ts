/** The host of a CONNECT target, without port and brackets; undefined when there is none. */
export function hostOfTunnel(target: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:/]+))(?::\d*)?$/.exec(target) ?? [];
  return bracketed ?? plain;
}
