import type { Model, RequestFacts } from '@anthology/catalog'

import { measureMedia } from '../rates/input-estimate.ts'
import { pauseBetweenSteps } from '../slices.ts'
import type { Call } from './call.ts'

/**
 * Whether a request may be too long for a model. The size of the body rules that out for nearly every request, without a
 * look at the prompt.
 */
export function mayExceedWindow(
  { body_bytes = 0, max_tokens = 0 }: RequestFacts,
  { contextWindow }: Model,
): boolean {
  return body_bytes > minLongBytes && body_bytes / bytesPerToken + max_tokens > contextWindow.tokens
}

/** The smallest window of the catalog, without the largest answer, has more bytes. */
const minLongBytes = 400_000

/**
 * Adds an estimate of the prompt's tokens to the facts of a request that may be too long for a model. The estimate is
 * below the number of tokens, so that a prompt that may fit is left to the platform.
 */
export async function addLowTokens(
  facts: RequestFacts,
  { body, index }: Pick<Call, 'body' | 'index'>,
  model: Model,
): Promise<RequestFacts> {
  if (facts.body_members?.includes('context_management') === true) return facts
  const parts = index.members
    .filter(({ name }) => name === 'messages' || name === 'system')
    .map(({ start, end }) => Buffer.from(body.buffer, body.byteOffset + start, end - start))
  let bytes = 0
  for (const part of parts) {
    bytes += part.length - measureMedia(part).bytes
    await pauseBetweenSteps(part)
  }
  if (!mayExceedWindow({ ...facts, body_bytes: bytes }, model)) return facts
  for (const part of parts) {
    for (const mark of unlikeText) {
      if (part.includes(mark)) return facts
      await pauseBetweenSteps(part)
    }
  }
  return { ...facts, input_tokens: Math.floor(bytes / bytesPerToken) }
}

/** Twice that of English prose, because long runs of one character have many bytes per token. */
const bytesPerToken = 8

/** Escaped letters; thinking and results of server tools, which do not count in later turns; and compacted turns. */
const unlikeText = ['\\u', '"signature"', '"encrypted_', '"compaction"'].map((mark) => Buffer.from(mark))
