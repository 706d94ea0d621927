import type { BedrockErrorType, WireErrorType } from '@anthology/wire'

import type { Limits } from './limits.ts'

/** One kind of error of the gateway itself: HTTP status, wire error type, and whether the client may retry. */
export interface ErrorKind {
  readonly status: number
  readonly type: WireErrorType
  readonly retry: boolean
  /** The Bedrock exception name, if it does not follow from the status. */
  readonly exception?: BedrockErrorType
}

/**
 * Every error of our own, in one table. `retry: false` is sent as
 * `x-should-retry: false`, which takes precedence over the status in the SDKs: a
 * client with a wrong key then fails immediately instead of backing off for minutes.
 */
export const errors = {
  bad_request: { status: 400, type: 'invalid_request_error', retry: false },
  unknown_price: { status: 400, type: 'invalid_request_error', retry: false },
  body_aborted: { status: 400, type: 'invalid_request_error', retry: false },
  no_key: { status: 401, type: 'authentication_error', retry: false },
  bad_signature: { status: 401, type: 'authentication_error', retry: false },
  unknown_key: { status: 401, type: 'authentication_error', retry: false },
  role_required: { status: 403, type: 'permission_error', retry: false },
  admin_only: { status: 403, type: 'permission_error', retry: false },
  wrong_host: { status: 403, type: 'permission_error', retry: false },
  key_expired: { status: 401, type: 'authentication_error', retry: false },
  address_not_allowed: { status: 403, type: 'permission_error', retry: false },
  protocol_not_allowed: { status: 403, type: 'permission_error', retry: false },
  region_not_allowed: { status: 403, type: 'permission_error', retry: false },
  key_revoked: { status: 401, type: 'authentication_error', retry: false },
  model_not_allowed: { status: 403, type: 'permission_error', retry: false },
  no_route: { status: 404, type: 'not_found_error', retry: false },
  unknown_model: { status: 404, type: 'not_found_error', retry: false },
  retired_model: { status: 404, type: 'not_found_error', retry: false },
  unknown_resource: { status: 404, type: 'not_found_error', retry: false },
  wrong_method: { status: 405, type: 'invalid_request_error', retry: false },
  request_timeout: { status: 408, type: 'invalid_request_error', retry: true },
  conflict: { status: 409, type: 'invalid_request_error', retry: false },
  name_taken: { status: 409, type: 'invalid_request_error', retry: false },
  idempotency_mismatch: { status: 422, type: 'invalid_request_error', retry: false },
  body_too_large: { status: 413, type: 'request_too_large', retry: false },
  budget_exceeded: {
    status: 429,
    type: 'billing_error',
    retry: false,
    exception: 'ServiceQuotaExceededException',
  },
  rate_limited: { status: 429, type: 'rate_limit_error', retry: true },
  headers_too_large: { status: 431, type: 'invalid_request_error', retry: false },
  internal: { status: 500, type: 'api_error', retry: true },
  upstream_unreachable: { status: 502, type: 'api_error', retry: true },
  upstream_broke_off: { status: 502, type: 'api_error', retry: true },
  upstream_credential: { status: 502, type: 'api_error', retry: false },
  answer_too_large: { status: 502, type: 'api_error', retry: false },
  upstream_redirects: { status: 502, type: 'api_error', retry: false },
  answer_unreadable: { status: 502, type: 'api_error', retry: false },
  shutting_down: { status: 503, type: 'overloaded_error', retry: true },
  ledger_unavailable: { status: 503, type: 'api_error', retry: true },
  upstream_timeout: { status: 504, type: 'timeout_error', retry: true },
  overloaded: { status: 529, type: 'overloaded_error', retry: true },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errors

/** An error response for the client. The message is safe to show. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  /** The exceeded limit, if that is the cause; the metrics count each limit separately. */
  readonly limit: keyof Limits | null
  /** Additional headers, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>
  /** Additional members of a problem of the admin API. */
  readonly details: object
  /** `error.details.error_code` of the Messages API, on which its clients act; null: the error has none. */
  readonly errorCode: string | null

  /** `kind` overrides the table for errors that reproduce the API's own (a rule of the model). */
  constructor(
    code: ErrorCode,
    message: string,
    kind: ErrorKind = errors[code],
    more: {
      readonly limit?: keyof Limits | null
      readonly headers?: ApiError['headers']
      readonly details?: object
      readonly errorCode?: string | undefined
    } = {},
  ) {
    super(message)
    this.code = code
    this.kind = kind
    this.limit = more.limit ?? null
    this.headers = more.headers ?? {}
    this.details = more.details ?? {}
    this.errorCode = more.errorCode ?? null
  }
}

export type GatewayErrorCode =
  | 'address_in_use'
  | 'backup_failed'
  | 'config_invalid'
  | 'conflict'
  | 'copy_unfinished'
  | 'data_folder_busy'
  | 'data_folder_damaged'
  | 'data_folder_too_new'
  | 'invalid_value'
  | 'ledger_failed'
  | 'name_taken'
  | 'not_found'
  | 'secret_empty'
  | 'store_not_empty'
  | 'store_refused'
  | 'store_too_new'
  | 'store_unavailable'
  | 'weak_secret'
  | 'worker_failed'

/** An error that stops a command or the server, not only one call. `message` is safe to show; `hint` is the next step for the operator. */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode
  readonly hint: string | undefined

  constructor(code: GatewayErrorCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? hints[code]
  }
}

const hints: Partial<Record<GatewayErrorCode, string>> = {
  address_in_use: 'Stop the process that uses it, or choose another port with --port.',
  backup_failed: 'Name another file or folder.',
  data_folder_busy: 'Stop the other process, or choose another folder with --data DIR.',
  data_folder_damaged:
    'Restore the data folder from a backup. Without one, move its anthology.sqlite, anthology.sqlite-wal and anthology.sqlite-shm away and start again: that creates an empty ledger without keys, and `sqlite3 anthology.sqlite .recover` reads what is left of the old one.',
  data_folder_too_new: 'Update Anthology, or choose another folder with --data DIR.',
  secret_empty:
    'Remove it; the next start creates a new one. Secrets derived from the old one are no longer valid.',
  store_not_empty:
    'Name an empty database or a new folder. An interrupted copy has left a part of its rows: remove that target, and copy again. To add rows to a store in use, see anthology restore.',
  store_refused: 'Check user, password, database and sslmode of the store URL.',
  store_too_new: 'Update Anthology, or name another database with --store URL.',
  store_unavailable: 'Check that PostgreSQL runs and that this machine reaches it.',
  weak_secret:
    'Set it to a random value of at least 16 characters, such as the output of `openssl rand -base64 32`, or listen on 127.0.0.1.',
}
