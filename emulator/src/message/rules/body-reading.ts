import { checkCall } from '@anthology/catalog'
import type { CheckOptions } from '@anthology/catalog'
import { formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { ApiVersion, MessagesRequest } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'
import { findSurfaceError } from './surfaces.ts'

export interface ReadingOptions {
  readonly apiVersion: ApiVersion
  readonly betas: readonly string[]
  readonly countTokens: boolean
  /** Where and when the request is sent. */
  readonly where: CheckOptions
}

export type BodyReading =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly error: ApiError }

/** What the service says of a body before it looks for the model: the betas, what is not offered, the schema. */
export function readMessagesBody(value: unknown, options: ReadingOptions): BodyReading {
  const { apiVersion, betas, countTokens, where } = options
  const error = findCallRefusal(betas, where) ?? findSurfaceError(value, betas)
  if (error) return { ok: false, error }
  const parsed = parseMessagesRequest(value, { apiVersion, countTokens, asOf: where.asOf })
  if (parsed.ok) return parsed
  return { ok: false, error: { status: 400, message: formatProblem(parsed.problem) } }
}

/** Refuses a beta that the platform does not know or take. */
export function findCallRefusal(betas: readonly string[], where: CheckOptions): ApiError | null {
  return checkCall({ betas }, where).find(({ severity }) => severity === 'error') ?? null
}
