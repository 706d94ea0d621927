import { encodeBedrockError, streamHeaders } from '@anthology/wire'
import type { BedrockError } from '@anthology/wire'

import { createUuid } from '../../ids.ts'
import { toHeaderText } from '../../http/reply.ts'
import type { Frame, Reply, ReplyHead } from '../../http/reply.ts'

/** The request id that AWS clients report. */
export function amazonRequestId({ requestId }: ReplyHead): string {
  return createUuid(requestId)
}

export function bedrockErrorReply(error: BedrockError, head: ReplyHead): Reply {
  const { status, headers, body } = encodeBedrockError(error, amazonRequestId(head))
  return {
    status,
    headers: {
      ...headers,
      'content-length': String(body.length),
      ...(head.notices.length > 0 && { 'x-anthology-notice': head.notices.map(toHeaderText).join('; ') }),
    },
    frames: [{ bytes: body, tokens: 0 }].values(),
  }
}

export interface BedrockAnswer {
  readonly bytes: Uint8Array
  readonly tokens: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Creates a plain response; of the Messages headers only the notice is kept. */
export function bedrockReply(
  reply: Pick<Reply, 'headers'>,
  head: ReplyHead,
  { bytes, tokens, headers }: BedrockAnswer,
): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...commonHeaders(reply, head),
      ...headers,
    },
    frames: [{ bytes, tokens }].values(),
  }
}

/** Creates a streaming response in AWS's event stream format. */
export function bedrockStreamReply(
  reply: Pick<Reply, 'headers'>,
  head: ReplyHead,
  {
    frames,
    headers,
  }: { readonly frames: Iterator<Frame>; readonly headers?: Readonly<Record<string, string>> },
): Reply {
  return {
    status: 200,
    headers: {
      'content-type': 'application/vnd.amazon.eventstream',
      ...streamHeaders,
      ...commonHeaders(reply, head),
      ...headers,
    },
    frames,
  }
}

function commonHeaders({ headers }: Pick<Reply, 'headers'>, head: ReplyHead): Record<string, string> {
  const notice = headers['x-anthology-notice']
  return {
    'x-amzn-requestid': amazonRequestId(head),
    ...(notice !== undefined && { 'x-anthology-notice': notice }),
  }
}

/** Adds notices to the notice header. */
export function withNotices(
  { headers }: Pick<Reply, 'headers'>,
  notices: readonly string[],
): Pick<Reply, 'headers'> {
  if (notices.length === 0) return { headers }
  const before = headers['x-anthology-notice']
  const texts = [...(before === undefined ? [] : [before]), ...notices.map(toHeaderText)]
  return { headers: { ...headers, 'x-anthology-notice': texts.join('; ') } }
}
