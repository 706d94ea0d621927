import { isRecord } from '../body/json-value.ts'
import type { ApiVersion } from './api-version.ts'
import { findRoleProblem } from './message-shape.ts'
import { countTokensShape, laterTextsFrom, messagesShapes } from './request-shape.ts'
import type { MessagesRequest } from './request.ts'
import { findProblem } from './shape.ts'
import type { Problem } from './shape.ts'
import { findTurnProblem } from './turn-rules.ts'

export interface ValidationOptions {
  readonly apiVersion: ApiVersion
  /** Validates the body of `count_tokens`, which has no sampling members and no `max_tokens`. */
  readonly countTokens?: boolean
  /** The day whose rules apply, `YYYY-MM-DD`; default is the newest. */
  readonly asOf?: string | undefined
}

export type ParsedRequest =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Returns the first reason why the API would reject this body for every model, or null. Rules that depend on
 * the model are in the catalog (`check`). Never throws.
 */
export function validateMessagesRequest(body: unknown, options: ValidationOptions): Problem | null {
  const parsed = parseMessagesRequest(body, options)
  return parsed.ok ? null : parsed.problem
}

/**
 * Like `validateMessagesRequest`, but returns the typed body if there is no problem. Checks run in the API's
 * order: first each member by itself, then unknown members, then relations between members.
 */
export function parseMessagesRequest(body: unknown, options: ValidationOptions): ParsedRequest {
  if (!isRecord(body)) return { ok: false, problem: { path: '', message: 'Input should be an object' } }
  const misshapen = findProblem(body, shapeFor(options)) ?? findRoleProblem(body['messages'])
  if (misshapen) return { ok: false, problem: misshapen }
  if (!isWalked(body)) return { ok: false, problem: { path: '', message: 'Input should be an object' } }
  const problem = findTurnProblem(body, options)
  return problem ? { ok: false, problem } : { ok: true, request: body }
}

/** Formats a problem as the API does: `max_tokens: Field required`. */
export function formatProblem({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`
}

function shapeFor({ countTokens, asOf }: ValidationOptions) {
  if (countTokens) return countTokensShape
  return messagesShapes[asOf !== undefined && asOf < laterTextsFrom ? 2025 : 2026]
}

/** Narrows a body that passed the shape check. */
function isWalked(body: unknown): body is MessagesRequest {
  return isRecord(body)
}
