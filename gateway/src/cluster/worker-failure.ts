import { GatewayError } from '../errors.ts'
import type { ToPrimary } from './message.ts'

/** The error of a worker that cannot accept calls. */
export function toFailure({ code, message, hint }: Extract<ToPrimary, { kind: 'failed' }>): Error {
  if (code === null) return new Error(message)
  return new GatewayError(code, message, hint === undefined ? {} : { hint })
}
