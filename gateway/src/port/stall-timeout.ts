import type { Limits } from '../limits.ts'
import type { Connection, Connections } from './connections.ts'

/**
 * Node's timeout of a connection begins anew with whatever its client sends, be it a blank line ahead of a request that
 * never begins (RFC 9112, 2.2). So we look now and then at those who only send: whoever takes nothing of an answer, or
 * asks for nothing, is let go. Call it with the time in ms.
 */
export function createStallTimeout(limits: Limits, connections: Connections): (nowMs: number) => void {
  // A request that began in time, or the rest of a refused one, has a limit of its own.
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
    // Who sends nothing either is Node's to find, and so is a client that takes a large answer little by little.
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
