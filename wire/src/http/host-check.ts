/** Decides whether a request names this server. */
export interface HostCheck {
  /** `host` is the value of a `Host` header or of `:authority`, with or without a port. */
  accepts(host: string): boolean
}

/**
 * A web page can give a name of its own the address of this machine (DNS rebinding),
 * and is then allowed to read what a server there answers. It cannot change the name
 * that its browser sends. Therefore a server on a loopback address accepts only loopback
 * names and configured ones. Elsewhere it accepts every name unless some are
 * configured: behind a proxy or a container's port mapping it cannot know its names.
 */
export function createHostCheck(names: readonly string[], address: string): HostCheck {
  const isLoopback = isLoopbackHost(address)
  if (!isLoopback && names.length === 0) return { accepts: () => true }
  const configured = new Set(names.map(parseHostName))
  const known = new Set<string>()
  return {
    accepts(host) {
      if (known.has(host)) return true
      const name = parseHostName(host)
      // An IP address cannot be rebound, and probes of load balancers use it.
      const accepted =
        name !== null &&
        (configured.has(name) ||
          isLoopbackHost(name) ||
          containerName.test(name) ||
          (!isLoopback && ipAddress.test(name)))
      if (accepted && known.size < maxKnown) known.add(host)
      return accepted
    },
  }
}

/**
 * True for a name or an IP address that only this machine can reach: the place where a server listens, a peer's
 * address, or the host of a URL. RFC 6761 reserves `localhost` and the names below it.
 */
export function isLoopbackHost(host: string): boolean {
  return loopback.test(host)
}

/** IPv6 has brackets in a URL, where an IPv4 address inside it is written in hexadecimal. */
const loopback =
  /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[?(?:::1|::ffff:(?:127(?:\.\d{1,3}){3}|7f[\da-f]{2}:[\da-f]{1,4}))\]?)$/i

/** The host's name without port and final dot, with IP addresses in their usual form. */
export function parseHostName(host: string): string | null {
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}

/** These names are how containers reach a port on their host's loopback address. */
const containerName = /^host\.(?:docker|containers)\.internal$/

const ipAddress = /^(?:\d+(?:\.\d+){3}|\[.+\])$/

/** Ports and spellings of accepted names vary little. */
const maxKnown = 100
