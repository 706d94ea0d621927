import type { ServerHttp2Stream } from 'node:http2'

/** Max time for an aborted stream to close. */
const closeMs = 1_000

/**
 * Aborts a stream with an error code. If the peer disconnects during a write, Node
 * may never emit `close`, and the stream would count as open forever; so it is
 * destroyed after a timeout.
 */
export function endStream(stream: ServerHttp2Stream, code: number): void {
  stream.close(code)
  if (stream.destroyed) return
  const timer = setTimeout(() => stream.destroy(), closeMs)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
}
