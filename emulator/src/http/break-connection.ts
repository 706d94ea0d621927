import type { PortResponse } from './port.ts'

/**
 * Cuts or resets the connection, after everything before was handed to the system. Over HTTP/2, an answer that has begun is
 * broken off by an error code of its stream: clients of Node take the loss of the connection for the end of the body. Before
 * the head, a reset resets the connection with all of its streams, because clients retry a lost connection.
 */
export function breakConnection(response: PortResponse, kind: 'cut' | 'reset'): void {
  const { stream, socket } = response
  const connection = stream === undefined ? socket : stream.session?.socket
  const breakStream = (): void =>
    stream === undefined ? void response.destroy() : stream.close(internalError)
  // A Unix socket has no address, and Node throws if it is to be reset; a closed connection has none either.
  const reset = (): void => {
    if (connection?.remoteAddress === undefined) breakStream()
    else connection.resetAndDestroy()
  }
  if (!response.headersSent) (kind === 'reset' ? reset : breakStream)()
  // Inside the callback of a write, Node loses the connection if many of its streams are closed at once.
  else if (stream !== undefined) response.write(noBytes, () => startSoon(breakStream))
  else if (kind === 'cut') response.write(noBytes, breakStream)
  // A reset discards what the system of the receiver has not received yet.
  else response.write(noBytes, () => startTimer(reset, lingerMs))
}

const lingerMs = 20
const noBytes = new Uint8Array()

/** RFC 9113, section 7: INTERNAL_ERROR. */
const internalError = 2

/** Captured at load time, so that a test's fake timers do not stop the emulator. */
const { setTimeout: startTimer, setImmediate: startSoon } = globalThis
