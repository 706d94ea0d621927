/**
 * Whether the value of a `Host` header, with or without a port, names this machine. A server on a loopback address rejects
 * other names, because a web page can point its own name there (DNS rebinding) and then read responses as its own.
 */
export function isLoopbackHost(host: string): boolean {
  return loopback.test(host)
}

/** RFC 6761 reserves `localhost` and the names below it. */
const loopback = /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
