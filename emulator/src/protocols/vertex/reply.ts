import { encodeGoogleError } from '@anthology/wire'
import type { GoogleError } from '@anthology/wire'

import type { Reply } from '../../http/reply.ts'

/** Creates an error of Google Cloud itself; on streaming paths it is wrapped in an array (public issue reports). */
export function googleErrorReply(error: GoogleError, stream: boolean): Reply {
  const { status, headers, body } = encodeGoogleError(error, { stream })
  return {
    status,
    headers: { ...headers, 'content-length': String(body.length) },
    frames: [{ bytes: body, tokens: 0 }].values(),
  }
}

/**
 * Returns the model's response with only the headers that Google Cloud passes on, without rate limits and organization.
 * Inferred: the request id is passed on.
 */
export function vertexReply({ headers, ...reply }: Reply, notice: string | null): Reply {
  const kept = Object.entries(headers).filter(([name]) => passedHeaders.has(name))
  const texts = [headers['x-anthology-notice'], notice].filter((text) => text !== undefined && text !== null)
  return {
    ...reply,
    headers: {
      ...Object.fromEntries(kept),
      ...(texts.length > 0 && { 'x-anthology-notice': texts.join('; ') }),
    },
  }
}

const passedHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'cache-control',
  'x-accel-buffering',
  'request-id',
])
