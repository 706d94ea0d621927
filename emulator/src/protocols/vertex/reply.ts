import { encodeGoogleError } from '@anthology/wire'
import type { GoogleError } from '@anthology/wire'

import type { Reply } from '../../http/reply.ts'

/** An error of Google Cloud itself; on the path of streams it stands in an array (public issue reports). */
export function googleErrorReply(error: GoogleError, stream: boolean): Reply {
  const { status, headers, body } = encodeGoogleError(error, { stream })
  return {
    status,
    headers: { ...headers, 'content-length': String(body.length) },
    frames: [{ bytes: body, tokens: 0 }].values(),
  }
}

/**
 * An answer of the model as it is, under the headers that Google Cloud lets through: rate limits and organizations
 * are its own. That the request's id is among them is inferred.
 */
export function vertexReply({ headers, ...reply }: Reply, notice: string | null): Reply {
  const kept = Object.entries(headers).filter(([name]) => passing.has(name))
  const texts = [headers['x-anthology-notice'], notice].filter((text) => text !== undefined && text !== null)
  return {
    ...reply,
    headers: {
      ...Object.fromEntries(kept),
      ...(texts.length > 0 && { 'x-anthology-notice': texts.join('; ') }),
    },
  }
}

const passing: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'cache-control',
  'request-id',
])
