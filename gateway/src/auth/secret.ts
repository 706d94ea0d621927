import { randomBytes } from 'node:crypto'

/** A new key in our look, with 256 random bits. */
export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}
