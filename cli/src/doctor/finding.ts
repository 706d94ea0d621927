/** One thing that was looked at. `warn` is worth knowing, `fail` keeps something from working. */
export interface Finding {
  readonly area: Area
  /** What was looked at, in a word or two. */
  readonly name: string
  readonly state: State
  readonly text: string
  /** What to do about it; null where there is nothing to do. */
  readonly next: string | null
}

export type State = 'ok' | 'warn' | 'fail'

export type Area =
  | 'Configuration'
  | 'Data folder'
  | 'Server'
  | 'Upstreams'
  | 'Clock'
  | 'This machine'
  | 'Keys'

export function ok(area: Area, name: string, text: string): Finding {
  return { area, name, state: 'ok', text, next: null }
}

/** A finding with something to do: `[what is so, what to do about it]`. */
export function warn(area: Area, name: string, [text, next]: readonly [string, string]): Finding {
  return { area, name, state: 'warn', text, next }
}

export function fail(area: Area, name: string, [text, next]: readonly [string, string]): Finding {
  return { area, name, state: 'fail', text, next }
}

export function getReason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
