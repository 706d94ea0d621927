import { BlockList, isIP } from 'node:net'

/**
 * Networks that no public host has: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates),
 * multicast, and the networks that embed IPv4 addresses.
 */
const special4 = new BlockList()
const special6 = new BlockList()

const networks4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

/** Global unicast addresses are 2000::/3; within it, these are special. */
const networks6 = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

for (const [network, prefix] of networks4) special4.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of networks6) special6.addSubnet(network, prefix, 'ipv6')

/** True for an address on the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 0) return false
  // One list for both would apply the networks of IPv6 to IPv4 addresses too, as mapped ones.
  return family === 6 ? !special6.check(address, 'ipv6') : !special4.check(address, 'ipv4')
}
