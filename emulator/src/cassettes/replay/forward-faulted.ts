import { joinBytes } from '@anthology/wire'
import type { Receiver, Upstream, UpstreamRequest } from '@anthology/wire'

import { oneStep } from '../../steps.ts'
import { startPacer } from '../../http/pacer.ts'
import type { Pacer, PacerOptions } from '../../http/pacer.ts'
import type { Reply } from '../../http/reply.ts'
import { dropConnectionHeaders } from '../record/forwarded-request.ts'
import { decodeContent, maxRecordedBytes } from '../responses/content-decoding.ts'
import { chooseSplit } from '../responses/split-stream.ts'

export interface ForwardFaultedOptions {
  /** Puts the fault into the answer. */
  readonly change: (answer: Reply) => Reply
  readonly pacing: PacerOptions
}

/**
 * Sends a request to an upstream, waits for its whole answer, and sends that with a fault. A recorder and a comparer are
 * part of the upstream, so that they get the answer without the fault.
 */
export function forwardFaulted(
  { upstream, request }: { readonly upstream: Upstream; readonly request: UpstreamRequest },
  receiver: Receiver,
  { change, pacing }: ForwardFaultedOptions,
): Pacer {
  const parts: Uint8Array[] = []
  let length = 0
  let head: LiveHead = { status: 200, headers: {} }
  let sending: Pacer | null = null
  let isOver = false
  const finish = (notify: () => void): void => {
    if (isOver) return
    isOver = true
    pacing.done()
    notify()
  }
  const handle = upstream.send(request, {
    head: (status, headers) => {
      head = { status, headers: dropConnectionHeaders(headers) }
    },
    chunk: (bytes) => {
      length += bytes.length
      parts.push(bytes)
      if (length > maxRecordedBytes)
        finish(() => {
          handle.abort()
          receiver.fail(new Error(`the answer is longer than ${maxRecordedBytes} bytes`))
        })
      return true
    },
    end: () => {
      if (isOver) return
      const answer = createReply(head, joinBytes(parts))
      sending = startPacer(
        oneStep(() => change(answer)),
        receiver,
        pacing,
      )
    },
    fail: (error) => finish(() => receiver.fail(error)),
  })
  return {
    resume: () => sending?.resume(),
    abort: () => (sending === null ? finish(() => handle.abort()) : sending.abort()),
    fail: (error) => {
      if (sending !== null) sending.fail(error)
      else
        finish(() => {
          handle.abort()
          receiver.fail(error)
        })
    },
    failStall: (error) => sending?.failStall(error),
  }
}

interface LiveHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** The answer with one frame for each event of a stream, decoded where its encoding is known. */
function createReply({ status, headers }: LiveHead, bytes: Uint8Array): Reply {
  const { 'content-encoding': encoding, 'content-length': _, ...others } = headers
  const decoded = decodeContent(bytes, encoding)
  const body = decoded ?? bytes
  const split = decoded === null ? null : chooseSplit(headers['content-type'])
  return {
    status,
    headers: {
      ...others,
      ...(decoded === null && encoding !== undefined && { 'content-encoding': encoding }),
      ...(split === null && { 'content-length': String(body.length) }),
    },
    frames: (split?.(body) ?? [body]).map((part) => ({ bytes: part, tokens: 0 })).values(),
  }
}
