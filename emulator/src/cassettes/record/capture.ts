import { joinBytes } from '@anthology/wire'
import type { Receiver, Upstream, UpstreamRequest } from '@anthology/wire'

import { maxRecordedBytes } from '../responses/content-decoding.ts'
import { findStreamEnd } from '../responses/stream-end.ts'
import type { CapturedExchange } from './record-exchange.ts'

export interface CaptureOptions {
  readonly now: () => number
  /** Receives each whole exchange, before the client has the end of the answer. */
  readonly onExchange: (exchange: CapturedExchange) => void
  /** Receives the reason why an exchange is not captured. */
  readonly onLost: (because: string) => void
}

/** Sends a request and passes the answer to the receiver byte for byte, while it captures a copy. */
export function sendCaptured(
  upstream: Upstream,
  request: UpstreamRequest,
  receiver: Receiver,
  options: CaptureOptions,
): ReturnType<Upstream['send']> {
  const { onLost } = options
  const capture = createCapture(request, options)
  const handle = upstream.send(request, {
    head: (status, headers) => {
      capture.head(status, headers)
      receiver.head(status, headers)
    },
    chunk: (bytes) => {
      capture.chunk(bytes)
      return receiver.chunk(bytes)
    },
    end: () => {
      capture.end()
      receiver.end()
    },
    fail: (error) => {
      if (!capture.isOver()) onLost(`the upstream failed: ${error.message}`)
      receiver.fail(error)
    },
  })
  return {
    resume: () => handle.resume(),
    abort: () => {
      capture.leave()
      handle.abort()
    },
  }
}

interface Capture extends Pick<Receiver, 'head' | 'end'> {
  chunk(bytes: Uint8Array): void
  isOver(): boolean
  /** The client takes no more. */
  leave(): void
}

function createCapture(request: UpstreamRequest, { now, onExchange, onLost }: CaptureOptions): Capture {
  const sentMs = now()
  const startMs = performance.now()
  const parts: Uint8Array[] = []
  const arrivals: { endByte: number; atMs: number }[] = []
  let head: { status: number; headers: Readonly<Record<string, string>> } | null = null
  let endByte = 0
  let isOver = false
  const end = (): void => {
    if (isOver || head === null) return
    isOver = true
    onExchange({ request, sentMs, response: { ...head, bytes: joinBytes(parts), arrivals } })
  }
  return {
    head: (status, headers) => {
      head = { status, headers }
    },
    chunk: (bytes) => {
      if (isOver) return
      endByte += bytes.length
      if (endByte > maxRecordedBytes) {
        isOver = true
        parts.length = 0
        onLost(`the answer is longer than ${maxRecordedBytes} bytes`)
        return
      }
      parts.push(bytes)
      arrivals.push({ endByte, atMs: Math.round(performance.now() - startMs) })
      // A client has the whole body with the last of the announced bytes.
      if (head !== null && Number(head.headers['content-length']) === endByte) end()
    },
    end,
    isOver: () => isOver,
    leave: () => {
      // Clients leave at the last event of a stream, which may be some time before the end of the body.
      if (!isOver && head !== null && findStreamEnd(head.headers, joinBytes(parts)) !== null) return end()
      if (!isOver) onLost('the client left before the end of the answer')
      isOver = true
    },
  }
}
