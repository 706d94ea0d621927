import type { ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

import { monotonicMs } from '../clock.ts'
import type { ApiError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'

/** The limits that the port itself enforces; each violation is counted under the limit's name. */
export const portLimits = [
  'connections',
  'connectionsPerAddress',
  'headersMs',
  'headerBytes',
  'requestMs',
  'lingerMs',
  'clientIdleMs',
  'keepAliveMs',
  'concurrentStreams',
  'streamResets',
] as const satisfies readonly (keyof Limits)[]

/** Max header fields of one request (`headerBytes` alone would allow thousands); counted as `headerBytes`. */
export const maxHeaderFields = 200

/** Counts errors sent before a request was authenticated, and limits that were exceeded. */
export type PortTelemetry = Pick<Telemetry, 'countApiError' | 'countLimit'>

export type PortLimit = (typeof portLimits)[number]

/** The open connections and requests at this moment, and the violations of each limit since the start. */
export interface PortCounts {
  readonly connections: Readonly<Record<ConnectionKind, number>>
  /** The TLS connections among them. */
  readonly tls: number
  /** Requests in progress. */
  readonly exchanges: number
  readonly exceeded: Readonly<Record<PortLimit, number>>
}

/** `new`: the protocol is not known yet. */
export type ConnectionKind = 'new' | 'http1' | 'http2'

/** One client's connection. */
export interface Connection {
  /** The accepted TCP socket, also under TLS. */
  readonly socket: Socket
  /** The socket that carries HTTP/1.1: the TCP socket, or the TLS socket on top of it. */
  carrier: Socket | null
  kind: ConnectionKind
  tls: boolean
  /** Requests whose response is not complete. */
  exchanges: number
  /** HTTP/1.1 only: the response to the latest request. */
  latest: ServerResponse | null
  /** HTTP/1.1 only: the open responses of pipelined requests. */
  queue: ServerResponse[] | null
  session: ServerHttp2Session | null
  progress: ByteProgress | null
}

/** All open connections, and the port's counters. */
export class Connections {
  #limits: Limits
  #telemetry: PortTelemetry
  /** Oldest first. */
  #open = new Set<Connection>()
  #perAddress = new Map<string, number>()
  #countLimit = new Map<PortLimit, number>(portLimits.map((name) => [name, 0]))

  constructor(limits: Limits, telemetry: PortTelemetry) {
    this.#limits = limits
    this.#telemetry = telemetry
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values()
  }

  /** Tracks a connection until it closes; returns null if a limit closed it at once. */
  admit(socket: Socket): Connection | null {
    // Connection errors need no handling here: requests on it receive their own `close`.
    socket.on('error', () => {})
    const address = addressGroup(socket.remoteAddress ?? '')
    const ofAddress = this.#perAddress.get(address) ?? 0
    if (ofAddress >= this.#limits.connectionsPerAddress) {
      return this.#reject(socket, 'connectionsPerAddress')
    }
    if (this.#open.size >= this.#limits.connections && !this.#makeRoom()) {
      return this.#reject(socket, 'connections')
    }
    const connection: Connection = {
      socket,
      carrier: null,
      kind: 'new',
      tls: false,
      exchanges: 0,
      latest: null,
      queue: null,
      session: null,
      progress: null,
    }
    this.#open.add(connection)
    this.#perAddress.set(address, ofAddress + 1)
    socket.once('close', () => {
      this.#open.delete(connection)
      const left = (this.#perAddress.get(address) ?? 1) - 1
      if (left > 0) this.#perAddress.set(address, left)
      else this.#perAddress.delete(address)
    })
    return connection
  }

  /** Counts a violation of a limit. */
  countLimit(limit: PortLimit): void {
    this.#countLimit.set(limit, (this.#countLimit.get(limit) ?? 0) + 1)
    this.#telemetry.countLimit(limit)
  }

  /** Counts an error that was sent to a client. */
  countError({ code }: ApiError): void {
    this.#telemetry.countApiError(code, null)
  }

  counts(): PortCounts {
    const connections = { new: 0, http1: 0, http2: 0 }
    let tls = 0
    let exchanges = 0
    for (const connection of this.#open) {
      connections[connection.kind] += 1
      if (connection.tls) tls += 1
      exchanges += connection.exchanges
    }
    // The map was created with every limit.
    const countLimit = Object.fromEntries(this.#countLimit) as Record<PortLimit, number>
    return { connections, tls, exchanges, exceeded: countLimit }
  }

  #reject(socket: Socket, limit: PortLimit): null {
    this.countLimit(limit)
    socket.destroy()
    return null
  }

  /** Evicts the oldest idle connection to make room for a new one. */
  #makeRoom(): boolean {
    for (const connection of this.#open) {
      if (connection.exchanges > 0) continue
      this.countLimit('connections')
      // Free its slot at once; the socket closes later.
      this.#open.delete(connection)
      connection.socket.destroy()
      return true
    }
    return false
  }
}

/** Byte counts of an HTTP/1.1 connection when it last made progress. */
export interface ByteProgress {
  readonly latest: ServerResponse | null
  readonly takenBytes: number
  /** Some written bytes have not been read by the client. */
  readonly untaken: boolean
  readonly readBytes: number
  readonly sinceMs: number
}

/**
 * Returns the group in which an address's connections are counted: one IPv4
 * address, or one IPv6 /64, the smallest network that a site gets (RFC 6177).
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

/** Counts events within windows of `windowMs`. */
export interface RateCounter {
  /** Counts one event; returns true if it exceeds the limit of its window. */
  exceeds(): boolean
}

/** Windows are fixed, not sliding, so up to twice the limit can fall within `windowMs`. */
export function createRateCounter(
  limit: number,
  windowMs: number,
  nowMs: () => number = monotonicMs,
): RateCounter {
  let sinceMs = nowMs()
  let count = 0
  return {
    exceeds() {
      const now = nowMs()
      if (now - sinceMs >= windowMs) {
        sinceMs = now
        count = 0
      }
      count += 1
      return count > limit
    },
  }
}
