import type { Receiver, UpstreamHandle, UpstreamRequest } from '@anthology/wire'

import { ApiError, errors } from '../errors.ts'
import type { UpstreamAccount } from './account.ts'
import { decodeContent } from './content-decoding.ts'
import { filterSecrets } from './secret-filter.ts'
import { classifyFailure } from '../routing/failure.ts'

/** Receives a response. `chunk` returns false to pause until `resume`. */
export interface AnswerReader {
  head(status: number, headers: Readonly<Record<string, string>>): void
  chunk(bytes: Uint8Array): boolean
}

/** A request to an upstream that is not a call, so its response has no cost of its own. */
export interface Exchange {
  /** Resolves at the end of the response; rejects with an ApiError if it is missing or incomplete. */
  readonly done: Promise<void>
  resume(): void
  abort(): void
}

/** `limitBytes`: see `decodeContent`. */
export function startExchange(
  account: UpstreamAccount,
  send: (receiver: Receiver) => UpstreamHandle,
  reader: AnswerReader,
  limitBytes: number,
): Exchange {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let handle: UpstreamHandle | null = null
  let headCame = false
  let ended = false

  function stop(apiError: ApiError | null): void {
    if (ended) return
    ended = true
    if (apiError === null) return resolve()
    handle?.abort()
    decoding.destroy()
    reject(apiError)
  }
  const fail = (error: Error) => {
    if (error instanceof ApiError) return stop(error)
    const { error: code, message, limit } = classifyFailure(error, account.name, headCame)
    stop(new ApiError(code, message, errors[code], { limit }))
  }
  const receiver: Receiver = {
    head(status, headers) {
      headCame = true
      if (status < 300 || status >= 400) return reader.head(status, headers)
      fail(Object.assign(new Error(`status ${status}`), { code: 'REDIRECTED' }))
    },
    chunk: (bytes) => ended || attempt(() => reader.chunk(bytes)),
    end: () => stop(null),
    fail,
  }
  const plain = filterSecrets(receiver, account)
  const decoding = decodeContent(
    account.adapter?.createReceiver(plain, { countsTokens: false, stream: false }) ?? plain,
    () => handle,
    limitBytes,
  )
  /** A reader may throw, for example on a response that is too large. */
  function attempt(read: () => boolean): boolean {
    try {
      return read()
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)))
      return true
    }
  }

  try {
    handle = send(decoding)
    if (ended) handle.abort()
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)))
  }
  return {
    done,
    resume: () => decoding.resume(),
    abort: () => stop(new ApiError('body_aborted', 'the client disconnected')),
  }
}

/** A buffered response. */
export interface UpstreamResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Buffers a response; `take` throws once it is larger than the limit. */
export function createCollector(
  account: UpstreamAccount,
  limitBytes: number,
): { take(bytes: Uint8Array): void; body(): Buffer } {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    take(bytes) {
      size += bytes.byteLength
      if (size > limitBytes)
        throw new ApiError(
          'answer_too_large',
          `upstream '${account.name}' sent a response larger than this gateway accepts`,
          errors.answer_too_large,
          { limit: 'plainAnswerBytes' },
        )
      chunks.push(bytes)
    },
    body: () => Buffer.concat(chunks, size),
  }
}

/** Sends a request and buffers the response; the signal aborts it. */
export async function requestUpstream(
  account: UpstreamAccount,
  request: UpstreamRequest | ((receiver: Receiver) => UpstreamHandle),
  { limitBytes, signal }: { limitBytes: number; signal?: AbortSignal | undefined },
): Promise<UpstreamResponse> {
  const collector = createCollector(account, limitBytes)
  const answer = { status: 0, headers: {} as Readonly<Record<string, string>> } // Without the assertion its type would be `{}`.
  const send =
    typeof request === 'function' ? request : (receiver: Receiver) => account.upstream.send(request, receiver)
  const reader: AnswerReader = {
    head: (status, headers) => Object.assign(answer, { status, headers }),
    chunk(bytes) {
      collector.take(bytes)
      return true
    },
  }
  const exchange = startExchange(account, send, reader, limitBytes)
  const abort = () => exchange.abort()
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort)
  try {
    await exchange.done
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  return { ...answer, body: collector.body() }
}
