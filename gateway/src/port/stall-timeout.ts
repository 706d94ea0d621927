import type { Limits } from '../limits.ts'
import type { Connection, Connections } from './connections.ts'

/**
 * Returns a function that closes stalled connections; call it periodically, with the time in ms. Node restarts a
 * connection's timeout on every byte that the client sends, even on blank lines before a request that never starts
 * (RFC 9112, 2.2). This check finds clients that keep sending but read nothing of a response, or send no request.
 */
export function createStallTimeout(limits: Limits, connections: Connections): (nowMs: number) => void {
  // A request that started in time, and the rest of a rejected one, have limits of their own.
  const restMs = limits.keepAliveMs + Math.max(limits.headersMs, limits.lingerMs)

  function look(connection: Connection, nowMs: number): void {
    const { carrier, exchanges, latest, progress } = connection
    if (carrier === null) return
    const untaken = carrier.writableLength > 0
    const takenBytes = carrier.bytesWritten - carrier.writableLength
    const stands =
      progress?.latest === latest && progress.takenBytes === takenBytes && progress.untaken === untaken
    if (!stands) {
      connection.progress = { latest, takenBytes, untaken, readBytes: carrier.bytesRead, sinceMs: nowMs }
      return
    }
    // Node's own timeout covers a client that sends nothing either, even one that reads a large response slowly.
    if (carrier.bytesRead === progress.readBytes) return
    const stillMs = nowMs - progress.sinceMs
    if (untaken ? stillMs < limits.clientIdleMs : exchanges > 0 || stillMs < restMs) return
    connections.countLimit(untaken ? 'clientIdleMs' : 'keepAliveMs')
    connection.socket.destroy()
  }

  return (nowMs) => {
    for (const connection of connections) look(connection, nowMs)
  }
}
