/** The result of one check. `warn` is informational; `fail` prevents something from working. */
export interface Finding {
  readonly area: Area
  /** The subject in a word or two. */
  readonly name: string
  readonly state: State
  readonly text: string
  /** The remedy; null if there is none needed. */
  readonly next: string | null
}

export type State = 'ok' | 'warn' | 'fail'

export type Area =
  | 'Configuration'
  | 'Data folder'
  | 'Store'
  | 'Server'
  | 'Upstreams'
  | 'Clock'
  | 'This machine'
  | 'Keys'

export function ok(area: Area, name: string, text: string): Finding {
  return { area, name, state: 'ok', text, next: null }
}

/** Creates a finding that needs action: `[state, remedy]`. */
export function warn(area: Area, name: string, [text, next]: readonly [string, string]): Finding {
  return { area, name, state: 'warn', text, next }
}

export function fail(area: Area, name: string, [text, next]: readonly [string, string]): Finding {
  return { area, name, state: 'fail', text, next }
}

export function getReason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
