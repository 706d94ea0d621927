import type { ClientRequest } from '../http/client-exchange.ts'

/**
 * After an answer that did not wait for the whole body, what still comes is
 * read and thrown away for a while: a connection that is closed with unread
 * bytes is reset, and the client would lose the answer.
 */
export function lingerAfter(request: ClientRequest, lingerMs: number, onCut: () => void): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => {
    onCut()
    request.destroy()
  }, lingerMs)
  request.on('error', () => {})
  request.once('close', () => clearTimeout(timer))
  // A stream of HTTP/2 is closed by itself.
  if (!request.httpVersion.startsWith('2')) holdOpen(request)
  request.resume()
}

/** Node destroys a connection right behind its last answer; here it sends no more, and is destroyed once the body has come. */
function holdOpen(request: ClientRequest): void {
  const { socket } = request
  let isLast = false
  const hold = (): void => {
    isLast = true
    socket.end()
  }
  socket.destroySoon = hold
  request.once('close', () => {
    // A request that came with the end of this one may hold it by now.
    if (socket.destroySoon === hold) Reflect.deleteProperty(socket, 'destroySoon')
    if (isLast) socket.destroySoon()
  })
}
