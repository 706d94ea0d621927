import { randomBytes } from 'node:crypto'

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Ids of our own, in the look of the platform's: `req_011` and 21 letters or digits, 122 random bits. */
export function createRequestId(): string {
  return `req_011${randomText(21)}`
}

export function randomText(length: number): string {
  let text = ''
  // 58 letters; a byte above 231 would favour the first ones and is thrown away.
  while (text.length < length) {
    for (const byte of randomBytes(length))
      if (byte < 232 && text.length < length) text += alphabet[byte % 58]
  }
  return text
}
