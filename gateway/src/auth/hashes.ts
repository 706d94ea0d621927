import { createHmac, hash } from 'node:crypto'

import type { SignatureHashes } from '@anthology/wire'

/** What signatures are made of, from Node's own library. */
export const hashes: SignatureHashes = {
  sha256: (data) => hash('sha256', data),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest(),
}
