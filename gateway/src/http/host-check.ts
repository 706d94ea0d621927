/** Decides whether a request names this server. */
export interface HostCheck {
  accepts(host: string): boolean
}

/**
 * A web page can give a name of its own the address of this machine (DNS rebinding),
 * and is then allowed to read what a server there answers. It cannot change the name
 * that its browser sends. So a server on a loopback address accepts only loopback
 * names and configured ones. Elsewhere it accepts every name unless some are
 * configured: behind a proxy or a container's port mapping it cannot know its names.
 */
export function createHostCheck(names: readonly string[], address: string): HostCheck {
  const isLoopback = isLoopbackAddress(address)
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
        (configured.has(name) || loopbackName.test(name) || (!isLoopback && ipAddress.test(name)))
      if (accepted && known.size < maxKnown) known.add(host)
      return accepted
    },
  }
}

export function isLoopbackAddress(address: string): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}

/** The host's name without port and final dot, with IP addresses in their usual form. */
export function parseHostName(host: string): string | null {
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return null
  return new URL(`http://${host}`).hostname.replace(/\.$/, '')
}

/** `host.docker.internal` and `host.containers.internal` are how containers reach a port on their host's loopback address. */
const loopbackName =
  /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]|host\.(?:docker|containers)\.internal)$/

const ipAddress = /^(?:\d+(?:\.\d+){3}|\[.+\])$/

/** Ports and spellings of accepted names vary little. */
const maxKnown = 100
