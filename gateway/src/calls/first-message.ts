import type { Call } from './call.ts'

/**
 * The beginning of a conversation that every later turn repeats: the first element of the array at `start`, at most
 * `maxBytes` of it. The rest of the array is different in each turn.
 */
export function sliceFirstElement(body: Uint8Array, start: number, maxBytes: number): Uint8Array {
  const limit = Math.min(body.length, start + maxBytes)
  let depth = 0
  let isText = false
  for (let at = start; at < limit; at += 1) {
    const byte = body[at]
    if (isText) {
      if (byte === backslash) at += 1
      else if (byte === quote) isText = false
      continue
    }
    if (byte === quote) isText = true
    else if (byte === openBracket || byte === openBrace) depth += 1
    else if (byte === closeBracket || byte === closeBrace) {
      depth -= 1
      // The array itself is one level.
      if (depth <= 1) return body.subarray(start, depth === 1 ? at + 1 : at)
    }
  }
  return body.subarray(start, limit)
}

/** Whether the call returns answers of a model; a text with the word counts too. */
export function hasAnswers({ body, index }: Pick<Call, 'body' | 'index'>): boolean {
  const messages = index.members.find(({ name }) => name === 'messages')
  if (messages === undefined) return false
  return Buffer.from(body.buffer, body.byteOffset + messages.start, messages.end - messages.start).includes(
    '"assistant"',
  )
}

const [quote, backslash] = [0x22, 0x5c]
const [openBracket, closeBracket] = [0x5b, 0x5d]
const [openBrace, closeBrace] = [0x7b, 0x7d]
