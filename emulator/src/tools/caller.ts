/** The caller of a tool: the model, or code that it executed. Only the model calls tools in the emulator. */
export interface CallerMember {
  readonly caller?: { readonly type: 'direct' }
}

/** The day is inferred from the version of code execution that introduced callers (types of SDK 1.12). */
export function getCaller(day: string): CallerMember {
  return day >= '2026-01-20' ? direct : none
}

const direct = { caller: { type: 'direct' } } as const
const none = {} as const
