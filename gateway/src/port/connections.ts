import type { ServerResponse } from 'node:http'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

import type { ApiError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'

/** The limits that the port itself holds; whatever exceeds one is counted under its name. */
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

/** Header fields of one request; `headerBytes` alone would admit thousands. Counted as `headerBytes`. */
export const maxHeaderFields = 200

/** What hears of requests that were refused before they were anybody's, and of limits that were reached. */
export type PortTelemetry = Pick<Telemetry, 'countApiError' | 'countLimit'>

export type PortLimit = (typeof portLimits)[number]

/** What the port holds open at this moment, and what its limits have ended since it began. */
export interface PortCounts {
  readonly connections: Readonly<Record<ConnectionKind, number>>
  /** Connections of these that are encrypted. */
  readonly tls: number
  /** Requests that are being answered. */
  readonly exchanges: number
  readonly exceeded: Readonly<Record<PortLimit, number>>
}

/** `new`: it has not yet said how it speaks. */
export type ConnectionKind = 'new' | 'http1' | 'http2'

/** One client's connection. */
export interface Connection {
  /** What was accepted; below TLS where there is TLS. */
  readonly socket: Socket
  /** Where HTTP/1.1 is spoken: what was accepted, or the TLS on it. */
  carrier: Socket | null
  kind: ConnectionKind
  tls: boolean
  /** Requests without a whole answer. */
  exchanges: number
  /** Of HTTP/1.1, the last request's answer. */
  latest: ServerResponse | null
  /** Of HTTP/1.1, the answers to requests that came before others were answered. */
  queue: Set<ServerResponse> | null
  session: ServerHttp2Session | null
  progress: ByteProgress | null
}

/** Every open connection, and the counters of the port. */
export class Connections {
  #limits: Limits
  #telemetry: PortTelemetry
  /** In the order of arrival. */
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

  /** Takes a connection in until it closes; null when it has been closed for a limit. */
  admit(socket: Socket): Connection | null {
    // A connection that breaks is none of anybody's business; what ran on it notices by its own close.
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

  /** Counts what exceeded a limit. */
  countLimit(limit: PortLimit): void {
    this.#countLimit.set(limit, (this.#countLimit.get(limit) ?? 0) + 1)
    this.#telemetry.countLimit(limit)
  }

  /** Counts a refusal that a client was told. */
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
    // The map was made with every name.
    const countLimit = Object.fromEntries(this.#countLimit) as Record<PortLimit, number>
    return { connections, tls, exchanges, exceeded: countLimit }
  }

  #reject(socket: Socket, limit: PortLimit): null {
    this.countLimit(limit)
    socket.destroy()
    return null
  }

  /** Closes the oldest connection that serves nothing: who only holds a place gives way to who wants something. */
  #makeRoom(): boolean {
    for (const connection of this.#open) {
      if (connection.exchanges > 0) continue
      this.countLimit('connections')
      // Its place is free at once, not when the socket has closed.
      this.#open.delete(connection)
      connection.socket.destroy()
      return true
    }
    return false
  }
}

/** How far a connection of HTTP/1.1 was when it was last seen to get on. */
export interface ByteProgress {
  readonly latest: ServerResponse | null
  readonly takenBytes: number
  /** Something waits to be taken. */
  readonly untaken: boolean
  readonly readBytes: number
  readonly sinceMs: number
}

/**
 * Whose connections count together: one IPv4 address, or one /64 of IPv6, the
 * smallest network that a single site is given (RFC 6177).
 */
export function addressGroup(address: string): string {
  // A socket that takes both families sees IPv4 clients as ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2).
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1)
  const [front = '', back] = address.split('%')[0]?.split('::') ?? []
  const parts = front === '' ? [] : front.split(':')
  const rest = back === undefined || back === '' ? [] : back.split(':')
  const zeros = back === undefined ? 0 : Math.max(0, 8 - parts.length - rest.length)
  return [...parts, ...Array.from({ length: zeros }, () => '0'), ...rest].slice(0, 4).join(':')
}

/** Counts what happens within spans of `windowMs`. */
export interface RateCounter {
  /** Counts one more; true when it is one too many for its span. */
  exceeds(): boolean
}

/** Spans follow each other, so that up to twice the limit may fall within a time of their length. */
export function createRateCounter(
  limit: number,
  windowMs: number,
  nowMs: () => number = Date.now,
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
