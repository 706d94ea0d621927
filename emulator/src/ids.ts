import { createRandom, computeFingerprint, idLetters } from './random.ts'

/** The ids an emulator hands out: unique within its life, the same again for the same seed. */
export interface IdGenerator {
  readonly organizationId: string
  nextRequestId(): string
  nextMessageId(): string
  nextBatchId(): string
  nextFileId(): string
}

export interface IdGeneratorOptions {
  /** What the counted ids are a function of; default the seed. */
  readonly idSeed?: string | undefined
  readonly nextRequestId?: (() => string) | undefined
}

export function createIdGenerator(seed: string, options: IdGeneratorOptions = {}): IdGenerator {
  const { idSeed = seed, nextRequestId } = options
  return {
    organizationId: createUuid(seed),
    nextRequestId: nextRequestId ?? createIds('req', computeFingerprint(idSeed, 'request')),
    nextMessageId: createIds('msg', computeFingerprint(idSeed, 'message')),
    nextBatchId: createIds('msgbatch', computeFingerprint(idSeed, 'batch')),
    nextFileId: createIds('file', computeFingerprint(idSeed, 'file')),
  }
}

/** Like the service's own: `01` and 22 characters without those that look alike. */
function createIds(prefix: string, fingerprint: string): () => string {
  const random = createRandom(fingerprint)
  let count = 0
  return () => {
    count += 1
    // The count itself is in the id, so that two ids never meet by chance.
    return `${prefix}_01${idLetters(14, random)}${count.toString(36).padStart(8, '0').toUpperCase()}`
  }
}

/** A UUID that is a function of a text. */
export function createUuid(seed: string): string {
  const digits = computeFingerprint(seed, 'organization') + computeFingerprint(seed, 'organization', 'more')
  const variant = '89ab'[Number.parseInt(digits[16] ?? '0', 16) % 4]
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-')
}
