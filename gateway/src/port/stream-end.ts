import type { ServerHttp2Stream } from 'node:http2'

/** How long a stream that was given up may take to close. */
const closeMs = 1_000

/**
 * Gives a stream up. On a connection whose peer has gone while a write was under
 * way Node may never get to say so, and the stream would count as open for ever:
 * then it is destroyed without a word to the peer.
 */
export function endStream(stream: ServerHttp2Stream, code: number): void {
  stream.close(code)
  if (stream.destroyed) return
  const timer = setTimeout(() => stream.destroy(), closeMs)
  timer.unref()
  stream.once('close', () => clearTimeout(timer))
}
