import { BlockList, isIP } from 'node:net'

/** Hosts that are called without a proxy. */
export type IsExcepted = (url: URL) => boolean

/**
 * Reads `NO_PROXY` as curl and undici do: names with the names below them, `*` for all, `host:port`, IP addresses and
 * their networks, separated by commas or spaces.
 */
export function parseNoProxy(text: string): IsExcepted {
  const entries = splitNoProxy(text)
  const tests = entries.map(createTest)
  return (url) => {
    const host = getHost(url)
    const port = url.port === '' ? defaultPorts[url.protocol] : url.port
    return tests.some((test) => test(host, port))
  }
}

/** The entries in lower case. */
export function splitNoProxy(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
}

/** The host without the brackets of IPv6 and the final dot of a full name. */
export function getHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.+)\]$/, '$1').replace(/\.$/, '')
}

const defaultPorts: Readonly<Record<string, string | undefined>> = { 'http:': '80', 'https:': '443' }

type Test = (host: string, port: string | undefined) => boolean

function createTest(entry: string): Test {
  if (entry === '*') return () => true
  const network = /^([\d.:a-f]+)\/(\d{1,3})$/.exec(entry)
  if (network !== null) return createNetworkTest(network[1] ?? '', Number(network[2]))
  const { name = entry, port } = /^(?<name>\[.+\]|[^:]+):(?<port>\d+)$/.exec(entry)?.groups ?? {}
  const isBelow = name.startsWith('*.')
  const wanted = name
    .replace(/^\*?\./, '')
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/\.$/, '')
  return (host, actualPort) =>
    (port === undefined || port === actualPort) &&
    ((host === wanted && !isBelow) || (isIP(host) === 0 && host.endsWith(`.${wanted}`)))
}

function createNetworkTest(address: string, prefix: number): Test {
  const family = isIP(address)
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return () => false
  const network = new BlockList()
  network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return (host) => isIP(host) === family && network.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
