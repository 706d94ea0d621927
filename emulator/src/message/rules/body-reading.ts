import { checkCall } from '@anthology/catalog'
import type { CheckOptions } from '@anthology/catalog'
import { formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { ApiVersion, MessagesRequest } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'
import { findUnsupportedMember } from './unsupported-members.ts'

export interface ReadingOptions {
  readonly apiVersion: ApiVersion
  readonly betas: readonly string[]
  readonly countTokens: boolean
  /** The platform and the day of the request. */
  readonly where: CheckOptions
}

export type BodyReading =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly error: ApiError }

/** Runs the checks that the API makes before it looks up the model: betas, unsupported members, schema. */
export function readMessagesBody(value: unknown, options: ReadingOptions): BodyReading {
  const { apiVersion, betas, countTokens, where } = options
  const error = findCallError(betas, where) ?? findUnsupportedMember(value, betas)
  if (error) return { ok: false, error }
  const parsed = parseMessagesRequest(value, { apiVersion, countTokens, asOf: where.asOf })
  if (parsed.ok) return parsed
  return { ok: false, error: { status: 400, message: formatProblem(parsed.problem) } }
}

/** Returns an error for a beta that the platform does not know or accept. */
export function findCallError(betas: readonly string[], where: CheckOptions): ApiError | null {
  return checkCall({ betas }, where).find(({ severity }) => severity === 'error') ?? null
}
