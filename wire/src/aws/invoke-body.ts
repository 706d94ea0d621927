import { parseMember } from '../body/body-index.ts'
import type { BodyIndex } from '../body/body-index.ts'
import { newerVersion, olderVersion } from '../messages/api-version.ts'
import type { ApiVersion } from '../messages/api-version.ts'
import type { Patch } from '../body/splice.ts'
import { bedrockTexts } from './bedrock-text.ts'

/** The `read` set that `indexBody` needs for a body of InvokeModel. */
export const invokeMembers: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'anthropic_version',
  'anthropic_beta',
])

/** The values of `anthropic_version` that Bedrock accepts; the newer one only for Claude 4.7 and later. */
export const invokeVersions = ['bedrock-2023-05-31', newerVersion] as const
export type InvokeVersion = (typeof invokeVersions)[number]

export type InvokeBody =
  | {
      readonly ok: true
      readonly version: InvokeVersion | typeof olderVersion
      /** The same version in the form of the header `anthropic-version`. */
      readonly apiVersion: ApiVersion
      /** `anthropic_beta` as received, in Bedrock's names. */
      readonly betas: readonly string[]
    }
  | { readonly ok: false; readonly type: 'ValidationException'; readonly message: string }

/**
 * Reads the version and betas in a body of InvokeModel; an invalid value gets Bedrock's error. The model
 * validates everything else.
 *
 * `takesOlder` also accepts the Claude API's own name of the older version, which clients copy into the body
 * if their user has set it as a header (`@anthropic-ai/bedrock-sdk` 1.0 and later).
 *
 * Source: "Anthropic Claude Messages API" of the Amazon Bedrock guide; the text for a value of the wrong
 * shape is inferred.
 */
export function readInvokeBody(
  bytes: Uint8Array,
  index: BodyIndex,
  { takesOlder = false }: { readonly takesOlder?: boolean } = {},
): InvokeBody {
  for (const name of ['model', 'stream']) {
    if (index.get(name) !== undefined) return fail(bedrockTexts.extraMember(name))
  }
  const version = readMember(bytes, index, 'anthropic_version')
  if (version === undefined) return fail(bedrockTexts.missingMember('anthropic_version'))
  if (typeof version !== 'string') return fail('anthropic_version: Input should be a valid string')
  const versions = takesOlder ? [...invokeVersions, olderVersion] : invokeVersions
  const known = versions.find((each) => each === version)
  if (known === undefined) return fail(bedrockTexts.unknownVersion(version.slice(0, 80)))

  const betas = readMember(bytes, index, 'anthropic_beta') ?? []
  if (!Array.isArray(betas)) return fail('anthropic_beta: Input should be a valid list')
  const misshapen = betas.findIndex((beta) => typeof beta !== 'string')
  if (misshapen >= 0) return fail(`anthropic_beta.${misshapen}: Input should be a valid string`)
  return { ok: true, version: known, apiVersion: getApiVersion(known), betas: betas.map(String) }
}

/** The equivalent version of the Claude API. */
export function getApiVersion(version: InvokeVersion | typeof olderVersion): ApiVersion {
  return version === newerVersion ? version : olderVersion
}

/** Patches that turn a body of InvokeModel into one of the Messages API, where version and betas are headers. */
export function editsToMessages(upstream: {
  readonly model: string
  readonly stream: boolean
}): readonly Patch[] {
  return [
    { splice: 'anthropic_version', kind: 'remove', member: 'anthropic_version' },
    { splice: 'anthropic_beta', kind: 'remove', member: 'anthropic_beta' },
    { splice: 'model', kind: 'add', member: 'model', value: upstream.model },
    ...(upstream.stream ? [{ splice: 'stream', kind: 'add', member: 'stream', value: true } as const] : []),
  ]
}

/** Patches that turn a body of the Messages API into one of InvokeModel, where the path names model and streaming. */
export function editsToInvoke(
  index: BodyIndex,
  upstream: { readonly version: InvokeVersion; readonly betas: readonly string[] },
): readonly Patch[] {
  const { version, betas } = upstream
  return [
    { splice: 'model', kind: 'remove', member: 'model' },
    { splice: 'stream', kind: 'remove', member: 'stream' },
    setMember(index, 'anthropic_version', version),
    betas.length > 0
      ? setMember(index, 'anthropic_beta', betas)
      : { splice: 'anthropic_beta', kind: 'remove', member: 'anthropic_beta' },
  ]
}

function setMember(
  index: BodyIndex,
  member: 'anthropic_version' | 'anthropic_beta',
  value: string | readonly string[],
): Patch {
  return { splice: member, kind: index.get(member) === undefined ? 'add' : 'replace', member, value }
}

/** An optional member may be null or absent, as in Bedrock. */
function readMember(bytes: Uint8Array, index: BodyIndex, name: string): unknown {
  const member = index.get(name)
  if (member === undefined) return undefined
  // An oversized version or list of betas is invalid and not worth parsing.
  if (member.end - member.start > maxMemberBytes) return false
  return parseMember(bytes, member) ?? undefined
}

const maxMemberBytes = 65_536

function fail(message: string): InvokeBody & { ok: false } {
  return { ok: false, type: 'ValidationException', message }
}
