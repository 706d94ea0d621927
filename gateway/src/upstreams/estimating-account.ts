import type { Receiver, UpstreamHandle } from '@anthology/wire'

import { noticeHeader } from '../http/headers.ts'
import { estimateInputTokens } from '../rates/input-estimate.ts'
import type { UpstreamAccount } from './account.ts'

/** The account with an estimate of the gateway in place of the count of tokens that its platform lacks. */
export function createEstimatingAccount({ adapter: _adapter, ...account }: UpstreamAccount): UpstreamAccount {
  return {
    ...account,
    upstream: {
      send: ({ body }, receiver) => answerCount(body ?? Buffer.alloc(0), receiver),
      upload: ({ body }, receiver) => {
        if (!isPieces(body)) throw new Error('a request for a count is no upload')
        return answerCount(Buffer.concat(body), receiver)
      },
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

function isPieces(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]): body is readonly Uint8Array[] {
  return Array.isArray(body)
}
