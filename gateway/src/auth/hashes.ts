import { createHmac, hash } from 'node:crypto'

import type { SignatureHashes } from '@anthology/wire'

/** The hash functions for AWS signatures, from `node:crypto`. */
export const hashes: SignatureHashes = {
  sha256: (data) => hash('sha256', data),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest(),
}
