export interface Finding {
  readonly code: string
  /** An `error` is refused by the API, a `notice` is served. */
  readonly severity: 'error' | 'notice'
  /** The HTTP status of the answer; 200 for a notice. */
  readonly status: number
  /** The wire's error type; `notice` for a notice. */
  readonly type: string
  /** For an error the API's own text. */
  readonly message: string
  /** What to do, in one sentence. */
  readonly hint: string
  readonly path: string | null
  /** The wire's `error.details.error_code`, where the API gives one. */
  readonly errorCode?: string
}
