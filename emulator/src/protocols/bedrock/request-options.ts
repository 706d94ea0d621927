import type { BedrockError } from '@anthology/wire'

export type RequestOptions =
  | {
      readonly ok: true
      /** The options that the response headers repeat. */
      readonly headers: Readonly<Record<string, string>>
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly error: BedrockError }

/** Reads the option headers of InvokeModel; none of them changes the answer of the emulator. */
export function readRequestOptions(headers: Readonly<Record<string, string>>): RequestOptions {
  for (const { header, member, values } of options) {
    const value = headers[header]
    if (value !== undefined && !values.includes(value))
      return { ok: false, error: createEnumError(value, member, values) }
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

/** The headers with enumerated values ("InvokeModel", Amazon Bedrock API reference, 2026). */
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

/** The text that AWS services use for any enumerated member. */
function createEnumError(value: string, member: string, values: readonly string[]): BedrockError {
  const message =
    `1 validation error detected: Value '${value.slice(0, 100)}' at '${member}' failed to satisfy constraint: ` +
    `Member must satisfy enum value set: [${values.join(', ')}]`
  return { type: 'ValidationException', message }
}
