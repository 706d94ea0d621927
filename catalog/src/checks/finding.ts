export interface Finding {
  readonly code: string
  /** The API rejects an `error` and serves a `notice`. */
  readonly severity: 'error' | 'notice'
  /** The HTTP status of the response; 200 for a notice. */
  readonly status: number
  /** The error type on the wire; `notice` for a notice. */
  readonly type: string
  /** For an error, the API's own text. */
  readonly message: string
  /** The remedy, in one sentence. */
  readonly hint: string
  readonly path: string | null
  /** `error.details.error_code` on the wire, if the API sends one. */
  readonly errorCode?: string
}
