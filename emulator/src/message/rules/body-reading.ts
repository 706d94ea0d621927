import type { LifecycleMode } from '@anthology/catalog'
import { formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { ApiVersion, MessagesRequest } from '@anthology/wire'

import type { Refusal } from '../../http/reply.ts'
import { findUnknownBeta } from './known-betas.ts'
import { findSurfaceRefusal } from './surfaces.ts'

export interface ReadingOptions {
  readonly apiVersion: ApiVersion
  readonly betas: readonly string[]
  readonly countTokens: boolean
  readonly lifecycle: LifecycleMode
  /** The day of the clock, `YYYY-MM-DD`. */
  readonly today: string
}

export type BodyReading =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly refusal: Refusal }

/** What the service says of a body before it looks for the model: the betas, what is not offered, the schema. */
export function readMessagesBody(value: unknown, options: ReadingOptions): BodyReading {
  const { apiVersion, betas, countTokens, today } = options
  const refusal = findUnknownBeta(betas, options) ?? findSurfaceRefusal(value, betas)
  if (refusal) return { ok: false, refusal }
  const parsed = parseMessagesRequest(value, { apiVersion, countTokens, asOf: today })
  if (parsed.ok) return parsed
  return { ok: false, refusal: { status: 400, message: formatProblem(parsed.problem) } }
}
