/**
 * The unit of the per-address connection limit: one IPv4 address, or one IPv6
 * /64, the smallest network assigned to a single site (RFC 6177).
 */
export function addressGroup(address: string): string {
  // A dual-stack socket reports IPv4 clients as ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2).
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1)
  const [front = '', back] = address.split('%')[0]?.split('::') ?? []
  const parts = front === '' ? [] : front.split(':')
  const rest = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? 0 : Math.max(0, 8 - parts.length - rest.length)
  return [...parts, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 4).join(':')
}
