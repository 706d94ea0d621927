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
  /** Validates the body of `count_tokens`, which knows no sampling members and no `max_tokens`. */
  readonly countTokens?: boolean
  /** The day whose rules hold, `YYYY-MM-DD`; default the newest. */
  readonly asOf?: string | undefined
}

export type ParsedRequest =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly problem: Problem }

/**
 * The first reason why the service would refuse this body whatever the model, or null.
 * Rules that depend on the model are the catalog's (`check`). Never throws.
 */
export function validateMessagesRequest(body: unknown, options: ValidationOptions): Problem | null {
  const parsed = parseMessagesRequest(body, options)
  return parsed.ok ? null : parsed.problem
}

/**
 * The same verdict, with the body typed where there is no problem. In the order of the service:
 * first every member by itself, then unknown members, then what one member says about another.
 */
export function parseMessagesRequest(body: unknown, options: ValidationOptions): ParsedRequest {
  if (!isRecord(body)) return { ok: false, problem: { path: '', message: 'Input should be an object' } }
  const misshapen = findProblem(body, shapeFor(options)) ?? findRoleProblem(body['messages'])
  if (misshapen) return { ok: false, problem: misshapen }
  if (!isWalked(body)) return { ok: false, problem: { path: '', message: 'Input should be an object' } }
  const problem = findTurnProblem(body, options.apiVersion)
  return problem ? { ok: false, problem } : { ok: true, request: body }
}

/** A problem as the service prints it: `max_tokens: Field required`. */
export function formatProblem({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`
}

function shapeFor({ countTokens, asOf }: ValidationOptions) {
  if (countTokens) return countTokensShape
  return messagesShapes[asOf !== undefined && asOf < laterTextsFrom ? 2025 : 2026]
}

/** What the shapes state about a body in which the walker found no problem. */
function isWalked(body: unknown): body is MessagesRequest {
  return isRecord(body)
}
