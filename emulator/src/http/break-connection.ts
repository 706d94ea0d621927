import type { PortResponse } from './port.ts'

/**
 * Cuts or resets the connection of HTTP/1.1, after everything before was handed to the system. HTTP/2 has only a reset of
 * the stream for both, because other calls share its connection; its code is an error, so that no client takes it for an end.
 */
export function breakConnection(response: PortResponse, kind: 'cut' | 'reset'): void {
  if (!response.headersSent) breakNow(response, kind)
  else response.write(noBytes, () => breakLater(response, kind))
}

/** A reset discards what the receiver's system has not received yet. */
function breakLater(response: PortResponse, kind: 'cut' | 'reset'): void {
  if (kind === 'cut') breakNow(response, kind)
  else startTimer(() => breakNow(response, kind), lingerMs)
}

const lingerMs = 20
const noBytes = new Uint8Array()

function breakNow(response: PortResponse, kind: 'cut' | 'reset'): void {
  const { stream, socket } = response
  if (stream !== undefined) stream.close(internalError)
  else if (kind === 'reset' && isResettable(socket)) socket.resetAndDestroy()
  else response.destroy()
}

/** RFC 9113, section 7: INTERNAL_ERROR. */
const internalError = 2

/** An open connection of TCP; Node throws for a Unix socket, which has no reset and no address. */
function isResettable(socket: unknown): socket is { resetAndDestroy(): void } {
  if (typeof socket !== 'object' || socket === null || !('remoteAddress' in socket)) return false
  return socket.remoteAddress !== undefined && 'resetAndDestroy' in socket
}

/** Captured at load time, so that a test's fake timers do not stop the emulator. */
const { setTimeout: startTimer } = globalThis
