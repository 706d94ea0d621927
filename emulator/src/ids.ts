import { createRandom, computeFingerprint, createIdLetters } from './random.ts'

/** Generates ids: unique within one emulator, reproducible from its seed. */
export interface IdGenerator {
  readonly organizationId: string
  nextRequestId(): string
  nextMessageId(): string
  nextBatchId(): string
  nextFileId(): string
}

export interface IdGeneratorOptions {
  /** The seed of the numbered ids; default the emulator's seed. */
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

/** Same form as the API's ids: `01` and 22 characters from an alphabet without look-alikes. */
function createIds(prefix: string, fingerprint: string): () => string {
  const random = createRandom(fingerprint)
  let count = 0
  return () => {
    count += 1
    // The counter is part of the id, so two ids never collide.
    return `${prefix}_01${createIdLetters(14, random)}${count.toString(36).padStart(8, '0').toUpperCase()}`
  }
}

/** Derives a UUID from a text. */
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
