import type { BedrockRefusal } from '@anthology/wire'

export type RequestOptions =
  | {
      readonly ok: true
      /** What the answer says of them in its head. */
      readonly headers: Readonly<Record<string, string>>
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly refusal: BedrockRefusal }

/** Reads how the caller of InvokeModel wants to be served; nothing of it changes what the emulator says. */
export function readRequestOptions(headers: Readonly<Record<string, string>>): RequestOptions {
  for (const { header, member, values } of options) {
    const value = headers[header]
    if (value !== undefined && !values.includes(value))
      return { ok: false, refusal: misfit(value, member, values) }
  }
  const told = options.flatMap(({ header, isTold }) => {
    const value = headers[header]
    return isTold && value !== undefined ? [[header, value]] : []
  })
  const isGuarded = headers['x-amzn-bedrock-guardrailidentifier'] !== undefined
  return {
    ok: true,
    headers: Object.fromEntries(told),
    notices: isGuarded ? ['the emulator has no guardrails: none is applied'] : [],
  }
}

/** The headers with closed choices ("InvokeModel", Amazon Bedrock API reference, 2026). */
const options: readonly {
  readonly header: string
  readonly member: string
  readonly values: readonly string[]
  readonly isTold: boolean
}[] = [
  {
    header: 'x-amzn-bedrock-performanceconfig-latency',
    member: 'performanceConfigLatency',
    values: ['standard', 'optimized'],
    isTold: true,
  },
  {
    header: 'x-amzn-bedrock-service-tier',
    member: 'serviceTier',
    values: ['default', 'flex', 'priority', 'reserved'],
    isTold: true,
  },
  {
    header: 'x-amzn-bedrock-trace',
    member: 'trace',
    values: ['ENABLED', 'DISABLED', 'ENABLED_FULL'],
    isTold: false,
  },
]

/** The text is the one of AWS's services for any member with an enumeration. */
function misfit(value: string, member: string, values: readonly string[]): BedrockRefusal {
  const message =
    `1 validation error detected: Value '${value.slice(0, 100)}' at '${member}' failed to satisfy constraint: ` +
    `Member must satisfy enum value set: [${values.join(', ')}]`
  return { type: 'ValidationException', message }
}
