import { createChance, fingerprintOf } from './chance.ts'

/** The ids an emulator hands out: unique within its life, the same again for the same seed. */
export interface Identity {
  readonly organizationId: string
  nextRequestId(): string
  nextMessageId(): string
  nextBatchId(): string
  nextFileId(): string
}

export interface IdentityOptions {
  /** What the counted ids are a function of; default the seed. */
  readonly idSeed?: string | undefined
  readonly nextRequestId?: (() => string) | undefined
}

export function createIdentity(seed: string, options: IdentityOptions = {}): Identity {
  const { idSeed = seed, nextRequestId } = options
  let requests = 0
  let messages = 0
  let batches = 0
  let files = 0
  return {
    organizationId: uuidOf(seed),
    nextRequestId: nextRequestId ?? (() => `req_${idOf(idSeed, 'request', (requests += 1))}`),
    nextMessageId: () => `msg_${idOf(idSeed, 'message', (messages += 1))}`,
    nextBatchId: () => `msgbatch_${idOf(idSeed, 'batch', (batches += 1))}`,
    nextFileId: () => `file_${idOf(idSeed, 'file', (files += 1))}`,
  }
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Like the service's own: `01` and 22 characters without those that look alike. */
function idOf(seed: string, kind: string, count: number): string {
  const chance = createChance(fingerprintOf(seed, kind, String(count)))
  // The count itself is in the id, so that two ids never meet by chance.
  const tail = count.toString(36).padStart(8, '0').toUpperCase()
  const head = Array.from({ length: 14 }, () => alphabet[chance.below(alphabet.length)]).join('')
  return `01${head}${tail}`
}

/** A UUID that is a function of a text. */
export function uuidOf(seed: string): string {
  const digits = fingerprintOf(seed, 'organization') + fingerprintOf(seed, 'organization', 'more')
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) % 4]
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-')
}
