import type { Receiver } from '@anthology/wire'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { createCollector, startExchange } from '../upstreams/request.ts'
import type { AnswerReader } from '../upstreams/request.ts'
import { createResourceHeaders, sendUpstreamResponse } from './owned-resource.ts'
import type { ResourceRequest } from './owned-resource.ts'

/** Reads a copy of the stream; the last chunk is sent only after `finish` resolves. */
export interface Tap {
  take(bytes: Uint8Array): boolean
  onReady(resume: () => void): void
  finish(): Promise<unknown>
}

/**
 * Streams a long response unchanged, with backpressure from both the client and the
 * tap. A response other than 200 is small, and is sent as a whole.
 */
export async function streamResource(
  resourceRequest: ResourceRequest,
  account: UpstreamAccount,
  path: string,
  tap: Tap | null,
): Promise<void> {
  const { context, response, headers, clientClosed, progress } = resourceRequest
  progress.isSent = true
  const limitBytes = context.limits.plainAnswerBytes
  const errorBody = createCollector(account, limitBytes)
  const request = { method: 'GET', path: path + resourceRequest.query, headers, body: null } as const
  let head: { status: number; headers: Readonly<Record<string, string>> } = { status: 0, headers: {} }
  let held: Uint8Array | null = null

  const reader: AnswerReader = {
    head(status, given) {
      head = { status, headers: given }
      if (status === 200) response.writeHead(200, createResourceHeaders(resourceRequest.id, account, given))
    },
    chunk(bytes) {
      if (head.status !== 200) {
        errorBody.take(bytes)
        return true
      }
      const read = tap?.take(bytes) ?? true
      const flows = held === null || response.write(held)
      held = bytes
      return read && flows
    },
  }
  const send = (receiver: Receiver) => account.upstream.send(request, receiver)
  const exchange = startExchange(account, send, reader, limitBytes)
  const abort = () => exchange.abort()
  const resume = () => exchange.resume()
  clientClosed.addEventListener('abort', abort)
  if (clientClosed.aborted) abort()
  response.on('drain', resume)
  tap?.onReady(resume)
  await exchange.done
  response.off('drain', resume)
  if (head.status !== 200)
    return sendUpstreamResponse(resourceRequest, account, { ...head, body: errorBody.body() })
  await tap?.finish()
  response.end(held ?? undefined)
  context.log({
    level: 'info',
    event: 'resource',
    call: resourceRequest.id,
    key: resourceRequest.key.id,
    upstream: account.name,
    status: 200,
  })
}
