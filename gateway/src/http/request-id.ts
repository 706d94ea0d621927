import { randomFillSync } from 'node:crypto'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/**
 * Creates an id in the platform's format: `req_011` and 21 letters or digits.
 * The first 7 encode the millisecond (the platform's ids share prefixes too), so
 * rows written together are adjacent in the ledger's index, where random ids
 * would touch one page each. The other 14 carry 82 random bits.
 */
export function createRequestId(nowMs = Date.now()): string {
  return printRequestId(nowMs, randomText(14))
}

export function printRequestId(nowMs: number, random: string): string {
  return `req_011${timeText(nowMs)}${random}`
}

/** The time of an id of `createRequestId` in milliseconds; null for any other text. */
export function readRequestTime(id: string): number | null {
  const letters = /^req_011([1-9A-HJ-NP-Za-km-z]{7})/.exec(id)?.[1]
  if (letters === undefined) return null
  return Array.from(letters).reduce((timeMs, letter) => timeMs * 58 + alphabet.indexOf(letter), 0)
}

export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    const byte = nextByte()
    // 58 letters: bytes above 231 are discarded, since they would make the first letters more likely.
    if (byte < 232) text += alphabet[byte % 58]
  }
  return text
}

/** Random bytes for many ids from one system call; each byte is used once. */
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

/** Sorts by time, because the alphabet is in byte order. */
function timeText(nowMs: number): string {
  if (nowMs === latestMs) return latestText
  let text = ''
  for (let rest = nowMs; text.length < timeLetters; rest = Math.floor(rest / 58))
    text = `${alphabet[rest % 58]}${text}`
  latestMs = nowMs
  latestText = text
  return text
}
