/** What a model of ours can do, judged by its id. */
export interface Capabilities {
  readonly thinking: boolean
  readonly maxOutput: number
  readonly computerUse: boolean
  readonly vision: boolean
}

const THINKING = /^claude-(3-7-sonnet|opus-4|sonnet-4)/
const OLD_NAMES = ['claude-2.1', 'claude-instant-1.2']

export function capabilitiesOf(id: string): Capabilities {
  const name = id.replace(/^(us|eu|apac)\.anthropic\./, '').replace(/^anthropic\//, '')
  return {
    thinking: THINKING.test(name),
    maxOutput: getMaxOutput(name),
    computerUse: name.includes('3-5-sonnet-20241022') || name.includes('sonnet-4'),
    vision: !OLD_NAMES.includes(name) && name.startsWith('claude'),
  }
}

function getMaxOutput(name: string): number {
  if (name.startsWith('claude-3-opus') || name.startsWith('claude-3-haiku')) return 4096
  if (/claude-3-5-(sonnet|haiku)/.test(name)) return 8192
  if (name.startsWith('claude-sonnet-')) return 64_000
  return 32_000
}

/** Claude's families; the version does not matter. */
export const familyOf = (id: string) => /claude-.*(opus|sonnet|haiku)/.exec(id)?.[1] ?? 'other'
