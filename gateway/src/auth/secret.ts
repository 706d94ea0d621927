import { randomBytes } from 'node:crypto'

/** Creates a key in our format, with 256 random bits. */
export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}
