import type { LifecycleMode } from '@anthology/catalog'
import { formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { ApiVersion, MessagesRequest } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'
import { findUnknownBeta } from './known-betas.ts'
import { findSurfaceError } from './surfaces.ts'

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
  | { readonly ok: false; readonly error: ApiError }

/** What the service says of a body before it looks for the model: the betas, what is not offered, the schema. */
export function readMessagesBody(value: unknown, options: ReadingOptions): BodyReading {
  const { apiVersion, betas, countTokens, today } = options
  const error = findUnknownBeta(betas, options) ?? findSurfaceError(value, betas)
  if (error) return { ok: false, error }
  const parsed = parseMessagesRequest(value, { apiVersion, countTokens, asOf: today })
  if (parsed.ok) return parsed
  return { ok: false, error: { status: 400, message: formatProblem(parsed.problem) } }
}
