import { ApiError, GatewayError } from '../../errors.ts'
import type { ErrorCode, GatewayErrorCode } from '../../errors.ts'

/** The errors of changes and reports, which the CLI prints too, as errors of the API. */
const codes: Partial<Record<GatewayErrorCode, ErrorCode>> = {
  conflict: 'conflict',
  invalid_value: 'bad_request',
  ledger_failed: 'ledger_unavailable',
  name_taken: 'name_taken',
  not_found: 'unknown_resource',
  store_unavailable: 'ledger_unavailable',
}

/** Turns the error of a change or a report into one of the API; any other error stays as it is. */
export function toChangeError(error: unknown): unknown {
  if (!(error instanceof GatewayError)) return error
  const code = codes[error.code]
  if (code === undefined) return error
  // Messages about a value begin with its member.
  const member = code === 'bad_request' ? /^([\w.]+): /.exec(error.message)?.[1] : undefined
  return new ApiError(code, error.message, undefined, member === undefined ? {} : { details: { member } })
}
