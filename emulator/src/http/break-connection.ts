import type { PortResponse } from './port.ts'

/**
 * Cuts or resets the connection, after everything before was handed to the system. Over HTTP/2 a cut breaks off only its
 * stream, by an error code, so that no client takes it for an end; a reset resets the connection and all of its streams.
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
  const connection = stream === undefined ? socket : stream.session?.socket
  // Node throws for a Unix socket, which has no reset and no address; a closed connection has no address either.
  if (kind === 'reset' && connection?.remoteAddress !== undefined) connection.resetAndDestroy()
  else if (stream !== undefined) stream.close(internalError)
  else response.destroy()
}

/** RFC 9113, section 7: INTERNAL_ERROR. */
const internalError = 2

/** Captured at load time, so that a test's fake timers do not stop the emulator. */
const { setTimeout: startTimer } = globalThis
