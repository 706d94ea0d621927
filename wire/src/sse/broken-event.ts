import type { SseEventReader } from './frame.ts'

/**
 * Whether an event that clients parse has other data than an object, such as half of one. Only the braces at the ends are
 * checked: to parse every event would cost more than to pass it on.
 */
export function isBrokenEvent(reader: SseEventReader): boolean {
  const { bytes, start, end } = reader
  if (bytes[start] === openBrace && bytes[end - 1] === closeBrace) return false
  if (!parsedEvents.some((name) => reader.isNamed(name))) return false
  const data = reader.decodeData().trim()
  return !data.startsWith('{') || !data.endsWith('}')
}

/** Clients skip events of any other name, and the data of an error may be a plain text. */
const parsedEvents = [
  'message_start',
  'message_delta',
  'message_stop',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
] as const

const openBrace = 0x7b
const closeBrace = 0x7d
