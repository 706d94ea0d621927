import type { ClientRequest } from '../http/client-exchange.ts'

/**
 * Reads and discards the rest of a request body for a while, after a response
 * that did not wait for it. A connection that is closed with unread bytes is
 * reset, and the client would lose the response.
 */
export function lingerAfter(request: ClientRequest, lingerMs: number, onCut: () => void): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => {
    onCut()
    request.destroy()
  }, lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  // An HTTP/2 stream closes itself.
  if (!request.httpVersion.startsWith('2')) holdOpen(request)
  request.resume()
}

/** Half-closes the connection after its last response until the body was received; Node would destroy it at once. */
function holdOpen(request: ClientRequest): void {
  const { socket } = request
  let isLast = false
  const hold = (): void => {
    isLast = true
    socket.end()
  }
  socket.destroySoon = hold
  request.once('close', () => {
    // The next pipelined request may hold the socket by now.
    if (socket.destroySoon === hold) Reflect.deleteProperty(socket, 'destroySoon')
    if (isLast) socket.destroySoon()
  })
}
