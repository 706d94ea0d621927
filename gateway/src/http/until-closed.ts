import type { ClientResponse } from './client-exchange.ts'

/** The end of a response, as a state and as something to wait for. */
export function untilClosed(response: ClientResponse) {
  let isClosed = response.destroyed
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const resume of waiting) resume()
    waiting.clear()
  }
  response.once('close', () => {
    isClosed = true
    wake()
  })
  response.on('drain', wake)
  return {
    isClosed: () => isClosed,
    untilDrained: () => new Promise<void>((resolve) => (isClosed ? resolve() : waiting.add(resolve))),
    wait: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms)
        function done() {
          clearTimeout(timer)
          waiting.delete(done)
          resolve()
        }
        if (isClosed) done()
        else waiting.add(done)
      }),
  }
}
