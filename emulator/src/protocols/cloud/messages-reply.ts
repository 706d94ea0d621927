import { toHeaderText } from '../../http/reply.ts'
import type { Frame, Reply } from '../../http/reply.ts'

/**
 * A reply of the Messages API as a cloud sends it: without rate limits and organization, which no cloud reports.
 * Inferred: without pings, which Bedrock does not send in its own streams.
 */
export function toCloudReply(
  { status, headers, frames }: Reply,
  own: Readonly<Record<string, string>>,
  { keepsPings = false, notices = [] }: CloudReplyOptions = {},
): Reply {
  const kept = Object.entries(headers).filter(([name]) => passedHeaders.has(name))
  const texts = [headers[noticeHeader] ?? '', ...notices.map(toHeaderText)].filter((text) => text !== '')
  return {
    status,
    headers: {
      ...Object.fromEntries(kept),
      ...own,
      ...(texts.length > 0 && { [noticeHeader]: texts.join('; ') }),
    },
    frames:
      keepsPings || headers['content-type']?.startsWith('text/event-stream') !== true
        ? frames
        : dropPings(frames),
  }
}

interface CloudReplyOptions {
  readonly keepsPings?: boolean
  readonly notices?: readonly string[]
}

const noticeHeader = 'x-anthology-notice'

const passedHeaders: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-disposition',
  'cache-control',
  'x-accel-buffering',
  'request-id',
  'retry-after',
])

function* dropPings(frames: Iterator<Frame>): Generator<Frame, void> {
  for (let next = frames.next(); !next.done; next = frames.next()) {
    const { bytes, tokens } = next.value
    const isPing = utf8.decode(bytes.subarray(0, pingStart.length)) === pingStart
    if (!isPing) yield next.value
    else if (tokens > 0) yield { bytes: new Uint8Array(), tokens }
  }
}

const pingStart = 'event: ping\n'
const utf8 = new TextDecoder()
