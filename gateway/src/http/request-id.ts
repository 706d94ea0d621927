import { randomFillSync } from 'node:crypto'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Ids of our own, in the look of the platform's: `req_011` and 21 letters or
 * digits. The first 7 tell the millisecond, as the platform's begin alike too:
 * rows that are written together then lie together in the ledger's index, where
 * random ids would touch a page each. The other 14 carry 82 random bits.
 */
export function createRequestId(nowMs = Date.now()): string {
  return `req_011${timeText(nowMs)}${randomText(14)}`
}

export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    const byte = nextByte()
    // 58 letters; a byte above 231 would favour the first ones and is thrown away.
    if (byte < 232) text += alphabet[byte % 58]
  }
  return text
}

/** One call of the system's source gives the bytes of many ids; each is used once. */
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

/** Ascending with time: the alphabet is in the order of its bytes. */
function timeText(nowMs: number): string {
  if (nowMs === latestMs) return latestText
  let text = ''
  for (let rest = nowMs; text.length < timeLetters; rest = Math.floor(rest / 58))
    text = `${alphabet[rest % 58]}${text}`
  latestMs = nowMs
  latestText = text
  return text
}
