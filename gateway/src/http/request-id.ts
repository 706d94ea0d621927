import { randomFillSync } from 'node:crypto'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Creates an id in the API's format: `req_011` and 21 letters or digits. The
 * first 7 encode the millisecond, so that rows written together are adjacent in
 * the ledger's index; random ids would touch one page each. The other 14 carry
 * 82 random bits. The API's own ids share such a prefix too.
 */
export function createRequestId(nowMs = Date.now()): string {
  return `req_011${timeText(nowMs)}${randomText(14)}`
}

export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    const byte = nextByte()
    // 58 letters: discard bytes above 231, which would favour the first letters.
    if (byte < 232) text += alphabet[byte % 58]
  }
  return text
}

/** One system call fills this with the random bytes of many ids; each byte is used once. */
const pool = new Uint8Array(4_096)
let used = pool.length

function nextByte(): number {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 1
  return pool[used - 1] ?? 0
}

const timeLetters = 7
let latestMs = -1
let latestText = ''

/** Sorts by time, because the alphabet is in ASCII order. */
function timeText(nowMs: number): string {
  if (nowMs === latestMs) return latestText
  let text = ''
  for (let rest = nowMs; text.length < timeLetters; rest = Math.floor(rest / 58))
    text = `${alphabet[rest % 58]}${text}`
  latestMs = nowMs
  latestText = text
  return text
}
