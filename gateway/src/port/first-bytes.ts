import type { Socket } from 'node:net'

import { classifyFirstBytes } from '@anthology/wire'
import type { WireProtocol } from '@anthology/wire'

/**
 * Calls `decided` once the first bytes identify the protocol, and puts them back
 * for the next reader. A connection that ends earlier is closed.
 */
export function readFirstBytes(socket: Socket, decided: (wireProtocol: WireProtocol) => void): void {
  let seen: Buffer = Buffer.alloc(0)
  const look = (): void => {
    // A socket without an encoding returns buffers.
    const bytes = socket.read() as Buffer | null
    if (bytes === null) return
    seen = seen.length === 0 ? bytes : Buffer.concat([seen, bytes])
    const wireProtocol = classifyFirstBytes(seen)
    if (wireProtocol === null) return
    socket.off('readable', look).off('end', close)
    socket.unshift(seen)
    decided(wireProtocol)
  }
  const close = (): void => void socket.destroy()
  socket.on('readable', look).once('end', close)
}
