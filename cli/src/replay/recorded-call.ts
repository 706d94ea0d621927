/** A recorded request, with its answer if the recording has one. */
export interface RecordedCall {
  /** The file, and the line or entry in it. */
  readonly place: string
  readonly request: Readonly<Record<string, unknown>>
  readonly answer: {
    readonly status: number
    readonly body: Readonly<Record<string, unknown>>
    /** From the request to the end of the answer; null where the recording has no times. */
    readonly tookMs: number | null
  } | null
}
