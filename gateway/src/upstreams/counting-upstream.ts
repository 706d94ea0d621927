import type { Receiver, Upstream, UpstreamHandle } from '@anthology/wire'

import { noticeHeader } from '../http/headers.ts'
import { estimateInputTokens } from '../rates/input-estimate.ts'

/** Answers `count_tokens` with an estimate in place of an upstream that lacks the endpoint; sends all other requests on. */
export function createCountingUpstream(inner: Upstream): Upstream {
  return {
    send: (request, receiver) =>
      request.body !== null && isCount(request.path)
        ? answerCount(request.body, receiver)
        : inner.send(request, receiver),
    upload: (request, receiver) => {
      const { path, body } = request
      if (isCount(path) && isPieces(body)) return answerCount(Buffer.concat(body), receiver)
      if (inner.upload === undefined) throw new Error('the upstream takes no uploads')
      return inner.upload(request, receiver)
    },
  }
}

export const estimateNotice = 'the upstream cannot count tokens, so the count is an estimate of the gateway'

function answerCount(body: Uint8Array, receiver: Receiver): UpstreamHandle {
  const answer = JSON.stringify({ input_tokens: estimateInputTokens(body, 'standard') })
  receiver.head(200, { 'content-type': 'application/json', [noticeHeader]: estimateNotice })
  receiver.chunk(new TextEncoder().encode(answer))
  receiver.end()
  return { resume: () => {}, abort: () => {} }
}

function isCount(path: string): boolean {
  return path.split('?', 1)[0] === '/v1/messages/count_tokens'
}

function isPieces(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]): body is readonly Uint8Array[] {
  return Array.isArray(body)
}
