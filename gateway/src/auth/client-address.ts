import { BlockList, isIP } from 'node:net'

import { GatewayError } from '../errors.ts'
import type { ClientRequest } from '../http/client-exchange.ts'

/** A set of networks. */
export interface AddressRanges {
  contains(address: string): boolean
}

/**
 * Reads addresses and networks in CIDR notation, IPv4 or IPv6. Returns the text that is neither as `problem`. An IPv4
 * network also contains its addresses in IPv6 form (`::ffff:192.0.2.1`), as a socket that listens on both reports them.
 */
export function parseRanges(
  texts: readonly string[],
): { readonly ok: true; readonly ranges: AddressRanges } | { readonly ok: false; readonly problem: string } {
  const list = new BlockList()
  for (const text of texts) if (!addRange(list, text)) return { ok: false, problem: text }
  return {
    ok: true,
    ranges: {
      contains(address) {
        const plain = normalizeAddress(address)
        const family = isIP(plain)
        return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6')
      },
    },
  }
}

function addRange(list: BlockList, text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || address.includes('%')) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (prefix === undefined) {
    list.addAddress(address, type)
    return true
  }
  const bits = Number(prefix)
  if (!/^\d{1,3}$/.test(prefix) || bits > (family === 4 ? 32 : 128)) return false
  list.addSubnet(address, bits, type)
  return true
}

/** The IPv4 form of an IPv4 address in IPv6 notation; without the zone of a link-local address. */
function normalizeAddress(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)
  return mapped?.[1] ?? plain
}

/** Reads `trusted_proxies` of the configuration. Throws a GatewayError for text that is no address and no network. */
export function readTrustedProxies(texts: readonly string[]): AddressRanges {
  const parsed = parseRanges(texts)
  if (parsed.ok) return parsed.ranges
  throw new GatewayError(
    'config_invalid',
    `trusted_proxies: '${parsed.problem}' is neither an address nor a network such as 10.0.0.0/8`,
  )
}

/** Returns the address of a client. */
export type GetClientAddress = (request: Pick<ClientRequest, 'headers' | 'socket'>) => string

/**
 * The client's address is that of the connection. If that is a trusted proxy, it is the last entry of `x-forwarded-for`
 * that is not a trusted proxy: what stands before it can be written by the client.
 */
export function createAddressReader(trustedProxies: AddressRanges): GetClientAddress {
  return ({ headers, socket }) => {
    const { remoteAddress = '' } = socket
    if (!trustedProxies.contains(remoteAddress)) return normalizeAddress(remoteAddress)
    const forwarded = headers['x-forwarded-for']?.toString().split(',') ?? []
    const addresses = forwarded.map((text) => removePort(text.trim())).filter((text) => text !== '')
    const client = addresses.findLast((address) => !trustedProxies.contains(address))
    return normalizeAddress(client ?? addresses[0] ?? remoteAddress)
  }
}

/** Some proxies, such as Azure's Application Gateway, write the port of the client too, and IPv6 addresses in brackets. */
function removePort(text: string): string {
  const found = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/.exec(text)
  return found?.[1] ?? found?.[2] ?? text
}
