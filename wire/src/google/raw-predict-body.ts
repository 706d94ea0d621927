import { parseMember } from '../body/body-index.ts'
import type { BodyIndex } from '../body/body-index.ts'
import { describeUnknownVersion, newerVersion, olderVersion } from '../messages/api-version.ts'
import type { ApiVersion } from '../messages/api-version.ts'
import { noExtraInputs } from '../messages/shape.ts'
import type { Patch } from '../body/splice.ts'

/** The `read` set that `indexBody` needs for a body of rawPredict. */
export const rawPredictMembers: ReadonlySet<string> = new Set(['model', 'anthropic_version'])

/** The values of `anthropic_version` that Google Cloud accepts. */
export const rawPredictVersions = ['vertex-2023-10-16', newerVersion] as const
export type RawPredictVersion = (typeof rawPredictVersions)[number]

export type RawPredictBody =
  | {
      readonly ok: true
      readonly version: RawPredictVersion | typeof olderVersion
      /** The same version in the form of the header `anthropic-version`. */
      readonly apiVersion: ApiVersion
    }
  /** An error of the model, in the Claude API's envelope. */
  | { readonly ok: false; readonly type: 'invalid_request_error'; readonly message: string }

/**
 * Reads the version in a body of rawPredict. The model is in the path, except for `count-tokens`, whose body
 * names it. Betas are a header here, and `stream` stays in the body. `takesOlder` also accepts the Claude
 * API's own name of the older version, which clients copy into the body if their user has set it as a header
 * (`@anthropic-ai/vertex-sdk` 1.0 and later).
 *
 * Source: "Use Claude models" of the Google Cloud documentation; the texts are inferred from those of the
 * Claude API.
 */
export function readRawPredictBody(
  bytes: Uint8Array,
  index: BodyIndex,
  {
    countTokens = false,
    takesOlder = false,
  }: { readonly countTokens?: boolean; readonly takesOlder?: boolean } = {},
): RawPredictBody {
  if (!countTokens && index.get('model') !== undefined) return fail(`model: ${noExtraInputs}`)
  const member = index.get('anthropic_version')
  if (member === undefined) return fail('anthropic_version: Field required')
  const value = member.end - member.start > maxVersionBytes ? undefined : parseMember(bytes, member)
  const versions = takesOlder ? [...rawPredictVersions, olderVersion] : rawPredictVersions
  const version = versions.find((known) => known === value)
  if (version === undefined)
    return fail(
      typeof value === 'string'
        ? describeUnknownVersion('anthropic_version', value)
        : 'anthropic_version: Input should be a valid string',
    )
  return { ok: true, version, apiVersion: version === newerVersion ? version : olderVersion }
}

/** Patches that turn a body of rawPredict into one of the Messages API, where the version is a header. */
export function editsFromRawPredict(index: BodyIndex, model: string): readonly Patch[] {
  return [
    { splice: 'anthropic_version', kind: 'remove', member: 'anthropic_version' },
    {
      splice: 'model',
      kind: index.get('model') === undefined ? 'add' : 'replace',
      member: 'model',
      value: model,
    },
  ]
}

/**
 * Patches that turn a body of the Messages API into one of rawPredict; for `count-tokens` the model stays, in
 * Google's name.
 */
export function editsToRawPredict(
  index: BodyIndex,
  upstream: { readonly version: RawPredictVersion; readonly countedModel?: string },
): readonly Patch[] {
  const { version, countedModel } = upstream
  return [
    countedModel === undefined
      ? { splice: 'model', kind: 'remove', member: 'model' }
      : {
          splice: 'model',
          kind: index.get('model') === undefined ? 'add' : 'replace',
          member: 'model',
          value: countedModel,
        },
    {
      splice: 'anthropic_version',
      kind: index.get('anthropic_version') === undefined ? 'add' : 'replace',
      member: 'anthropic_version',
      value: version,
    },
  ]
}

const maxVersionBytes = 256

function fail(message: string): RawPredictBody {
  return { ok: false, type: 'invalid_request_error', message }
}
