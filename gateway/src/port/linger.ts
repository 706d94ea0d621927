import type { ClientRequest } from '../http/client-exchange.ts'

/**
 * After a response that was sent before the whole body arrived, reads and discards the rest for a while: closing a
 * connection with unread bytes resets it, and the client would lose the response.
 */
export function lingerAfter(request: ClientRequest, lingerMs: number, onCut: () => void): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => {
    onCut()
    request.destroy()
  }, lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  // An HTTP/2 stream closes without affecting the connection.
  if (!request.httpVersion.startsWith('2')) holdOpen(request)
  request.resume()
}

/**
 * Node destroys a connection right after its last response. Instead, only our side is closed, and the connection is
 * destroyed once the body has been received.
 */
function holdOpen(request: ClientRequest): void {
  const { socket } = request
  let isLast = false
  const hold = (): void => {
    isLast = true
    socket.end()
  }
  socket.destroySoon = hold
  request.once('close', () => {
    // A request received together with the end of this one may hold the connection by now.
    if (socket.destroySoon === hold) Reflect.deleteProperty(socket, 'destroySoon')
    if (isLast) socket.destroySoon()
  })
}
