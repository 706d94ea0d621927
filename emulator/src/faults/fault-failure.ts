import { bedrockErrors, getErrorType, googleErrors, isBedrockErrorType, wireErrors } from '@anthology/wire'

import type { Fault } from '../scenario/scenario.ts'
import { getClaudeText } from './error-texts.ts'
import type { RateLimit } from './error-texts.ts'

/** The error that a fault answers with in place of the endpoint's answer, before it has the shape of a protocol. */
export interface FaultFailure {
  readonly status: number
  /** The type that the fault names; null: what belongs to the status. */
  readonly type: string | null
  /** The text that the fault gives; null: what the service says. */
  readonly message: string | null
  /** The limit whose headers the answer has; null: it has none. */
  readonly limit: RateLimit | null
}

/**
 * Returns the error that a fault answers with; null: the fault is in the transport or in the stream. `error_event` needs a
 * stream; a plain answer gets the status that belongs to its type.
 */
export function findFailure(fault: Fault, isStream: boolean): FaultFailure | null {
  const { error, error_event: event } = fault
  const given = typeof error === 'string' ? { message: error } : error
  const message = given?.message ?? null
  if (event !== undefined)
    return isStream ? null : { status: getStatus(event), type: event, message, limit: null }
  const status = fault.status ?? getImpliedStatus(fault)
  if (status === null) return null
  return { status, type: given?.type ?? null, message, limit: getLimit(fault, status) }
}

/** The error of the Messages API, for a caller that translates it or keeps it, such as a batch. */
export function toApiError({ status, type, message }: FaultFailure): {
  readonly status: number
  readonly message: string
  readonly type?: string
} {
  return { status, message: message ?? getClaudeText(status, type), ...(type !== null && { type }) }
}

/** The type of an error in the Messages API. */
export function getFailureType({ status, type }: FaultFailure): string {
  return type ?? getErrorType(status)
}

/** The exception of Bedrock that a name means, as an error has it or as a stream has it; null: it is none. */
export function findException(name: string): keyof typeof bedrockErrors | null {
  const capitalized = name.slice(0, 1).toUpperCase() + name.slice(1)
  return isBedrockErrorType(capitalized) ? capitalized : null
}

export function isGoogleStatus(type: string): type is keyof typeof googleErrors {
  return Object.hasOwn(googleErrors, type)
}

/** The status of an error type, whichever API has it; 500 for an unknown one. */
function getStatus(type: string): number {
  const known = wireErrors.find((error) => error.type === type)
  if (known) return known.status
  const exception = findException(type)
  if (exception !== null) return bedrockErrors[exception].status
  return isGoogleStatus(type) ? googleErrors[type].status : 500
}

function getImpliedStatus({ overloaded, rate_limit: limit }: Fault): number | null {
  if (overloaded) return 529
  return limit === undefined ? null : 429
}

/** A 429 is a rate limit, unless the fault names another type. */
function getLimit({ rate_limit: limit, error }: Fault, status: number): RateLimit | null {
  if (limit !== undefined) return limit === true ? 'requests' : limit
  const type = typeof error === 'string' ? undefined : error?.type
  return status === 429 && (type === undefined || type === 'rate_limit_error') ? 'requests' : null
}
