import type { Receiver, Upstream, UpstreamRequest } from '@anthology/wire'

import type { Pacer } from '../../http/pacer.ts'
import { dropConnectionHeaders } from '../record/forwarded-request.ts'

/** Sends a request to an upstream, with the handle of an exchange of the emulator. `done` is called once at its end. */
export function forwardLive(
  { upstream, request }: { readonly upstream: Upstream; readonly request: UpstreamRequest },
  receiver: Receiver,
  done: () => void,
): Pacer {
  let isOver = false
  const finish = (notify: () => void): void => {
    if (isOver) return
    isOver = true
    done()
    notify()
  }
  const handle = upstream.send(request, {
    head: (status, headers) => isOver || receiver.head(status, dropConnectionHeaders(headers)),
    chunk: (bytes) => isOver || receiver.chunk(bytes),
    end: () => finish(() => receiver.end()),
    fail: (error) => finish(() => receiver.fail(error)),
  })
  const abort = (): void => finish(() => handle.abort())
  return {
    resume: () => handle.resume(),
    abort,
    fail: (error) => {
      if (isOver) return
      abort()
      receiver.fail(error)
    },
    // Faults do not stall what an upstream answers.
    failStall: () => {},
  }
}
