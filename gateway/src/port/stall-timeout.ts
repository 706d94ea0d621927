import type { Limits } from '../limits.ts'
import type { Connection, Connections } from './connections.ts'

/**
 * Any byte from the client restarts Node's connection timeout, even a blank line before a request that never starts
 * (RFC 9112, 2.2). So this check, called at intervals with the time in ms, finds clients that only send, and closes
 * connections that read nothing of a response or never start a request.
 */
export function createStallTimeout(limits: Limits, connections: Connections): (nowMs: number) => void {
  // Added: a request that started in time, and the rest of a rejected one, have limits of their own.
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
    // A client that sends nothing is closed by Node's timeout, and so is one that reads a large response slowly.
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
