import { decodeSse, parseJson, readText } from '@anthology/wire'

/**
 * True for frames that may stand before `message_start`: comments and pings that keep a connection open, and events of a
 * later API version. False for content without a message, for events of another API, and for bytes that are no event
 * stream, such as a page.
 */
export function isPrelude(frames: Uint8Array): boolean {
  const lines = utf8.decode(frames).split(/\r?\n/)
  return lines.every((line) => fieldOrComment.test(line)) && decodeSse(frames).every(isUncritical)
}

/** The fields of the WHATWG HTML standard, "Server-sent events", 9.2.6. */
const fieldOrComment = /^(?:$|:|(?:event|data|id|retry)(?:$|:))/

function isUncritical({ event, data }: { readonly event: string; readonly data: string }): boolean {
  // The standard sends no event without data to a client.
  if (event === 'ping' || data === '') return true
  const type = readText(parseJson(data), 'type')
  return type !== null && !type.startsWith('content_block_')
}

const utf8 = new TextDecoder()
