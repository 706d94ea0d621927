import type { BedrockError } from '@anthology/wire'

export type RequestOptions =
  | {
      readonly ok: true
      /** What the answer says of them in its head. */
      readonly headers: Readonly<Record<string, string>>
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly error: BedrockError }

/** Reads how the caller of InvokeModel wants to be served; nothing of it changes what the emulator says. */
export function readRequestOptions(headers: Readonly<Record<string, string>>): RequestOptions {
  for (const { header, member, values } of options) {
    const value = headers[header]
    if (value !== undefined && !values.includes(value))
      return { ok: false, error: misfit(value, member, values) }
  }
  const translated = options.flatMap(({ header, isEchoed }) => {
    const value = headers[header]
    return isEchoed && value !== undefined ? [[header, value]] : []
  })
  const isGuarded = headers['x-amzn-bedrock-guardrailidentifier'] !== undefined
  return {
    ok: true,
    headers: Object.fromEntries(translated),
    notices: isGuarded ? ['the emulator has no guardrails: none is applied'] : [],
  }
}

/** The headers with closed choices ("InvokeModel", Amazon Bedrock API reference, 2026). */
const options: readonly {
  readonly header: string
  readonly member: string
  readonly values: readonly string[]
  readonly isEchoed: boolean
}[] = [
  {
    header: 'x-amzn-bedrock-performanceconfig-latency',
    member: 'performanceConfigLatency',
    values: ['standard', 'optimized'],
    isEchoed: true,
  },
  {
    header: 'x-amzn-bedrock-service-tier',
    member: 'serviceTier',
    values: ['default', 'flex', 'priority', 'reserved'],
    isEchoed: true,
  },
  {
    header: 'x-amzn-bedrock-trace',
    member: 'trace',
    values: ['ENABLED', 'DISABLED', 'ENABLED_FULL'],
    isEchoed: false,
  },
]

/** The text is the one of AWS's services for any member with an enumeration. */
function misfit(value: string, member: string, values: readonly string[]): BedrockError {
  const message =
    `1 validation error detected: Value '${value.slice(0, 100)}' at '${member}' failed to satisfy constraint: ` +
    `Member must satisfy enum value set: [${values.join(', ')}]`
  return { type: 'ValidationException', message }
}
