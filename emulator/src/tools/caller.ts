/** Who calls a tool: the model, or code that it had run. Only the former is acted out. */
export interface CallerMember {
  readonly caller?: { readonly type: 'direct' }
}

/** The day is inferred from the version of code execution that names its calls (types of SDK 1.12). */
export function callerOn(day: string): CallerMember {
  return day >= '2026-01-20' ? direct : none
}

const direct = { caller: { type: 'direct' } } as const
const none = {} as const
