import { decodeBase64, encodeBase64 } from './base64.ts'
import type { BedrockError } from './bedrock-error.ts'
import { bedrockTexts } from './bedrock-text.ts'
import { parseBedrockModelId } from './model-id.ts'
import type { BedrockArn } from './model-id.ts'

/** The facts about an inference profile, from which its ARNs are built. */
export interface ProfileFacts {
  /** Such as `us.anthropic.claude-opus-4-1-20250805-v1:0`. */
  readonly id: string
  /** Such as `US Anthropic Claude Opus 4.1`. */
  readonly name: string
  readonly description: string
  /** The id of its model, without the region prefix. */
  readonly modelId: string
  /** The one to five regions that it routes to. */
  readonly regions: readonly string[]
  /** ISO 8601. */
  readonly createdAt: string
}

/** The region and account for the ARNs of a list. */
export interface AwsPlace {
  readonly region: string
  readonly account: string
}

/** "InferenceProfileSummary" of the Amazon Bedrock API reference, also the response of GetInferenceProfile. */
export interface InferenceProfile {
  readonly inferenceProfileName: string
  readonly description: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly inferenceProfileArn: string
  readonly models: readonly { readonly modelArn: string }[]
  readonly inferenceProfileId: string
  readonly status: 'ACTIVE'
  readonly type: 'SYSTEM_DEFINED' | 'APPLICATION'
}

export interface InferenceProfileList {
  readonly inferenceProfileSummaries: readonly InferenceProfile[]
  readonly nextToken?: string
}

type Answered<Body> = { readonly ok: true; readonly body: Body } | ({ readonly ok: false } & BedrockError)

/**
 * A page of the profiles, paged and filtered as in "ListInferenceProfiles" of the Amazon Bedrock API
 * reference; `query` is the raw query. Without `maxResults` all profiles are returned at once. All profiles
 * are Bedrock's own, so `type=APPLICATION` matches none.
 */
export function listInferenceProfiles(
  facts: readonly ProfileFacts[],
  query: string,
  place: AwsPlace,
): Answered<InferenceProfileList> {
  const { maxResults, nextToken, type } = Object.fromEntries(new URLSearchParams(query))
  const size = maxResults === undefined ? maxPage : Number(maxResults)
  const misfit = sizeProblem(size) ?? typeProblem(type)
  if (misfit !== null) return fail('ValidationException', misfit)

  const start = nextToken === undefined ? 0 : createStart(facts, nextToken)
  if (start === null) return fail('ValidationException', 'The nextToken is invalid.')
  const all = type === 'APPLICATION' ? [] : facts
  const shown = all.slice(start, start + size)
  const last = shown.at(-1)
  return {
    ok: true,
    body: {
      inferenceProfileSummaries: shown.map((profile) => describe(profile, place)),
      ...(last !== undefined && start + size < all.length && { nextToken: tokenBehind(last) }),
    },
  }
}

/** Finds one profile by the raw path segment of its id or its ARN. */
export function findInferenceProfile(
  facts: readonly ProfileFacts[],
  rawSegment: string,
  place: AwsPlace,
): Answered<InferenceProfile> {
  const parsed = parseBedrockModelId(rawSegment)
  if (!parsed.ok) return fail('ValidationException', bedrockTexts.unknownModel)
  const { arn, text } = parsed.id
  const id = arn?.resource === 'inference-profile' ? arn.resourceId : text
  const found = facts.find((profile) => profile.id === id)
  if (found === undefined) return fail('ResourceNotFoundException', notFound)
  return { ok: true, body: describe(found, place) }
}

/** Describes a profile of the client's own account, whose ARN has been mapped to a model. */
export function describeApplicationProfile(
  { partition, region, account, resource, resourceId }: BedrockArn,
  { name, modelId, createdAt }: Pick<ProfileFacts, 'name' | 'modelId' | 'createdAt'>,
): InferenceProfile {
  return {
    inferenceProfileName: resourceId,
    description: `Routes requests to Anthropic ${name}.`,
    createdAt,
    updatedAt: createdAt,
    inferenceProfileArn: `arn:${partition}:bedrock:${region}:${account}:${resource}/${resourceId}`,
    models: [{ modelArn: foundationModelArn(region, modelId) }],
    inferenceProfileId: resourceId,
    status: 'ACTIVE',
    type: 'APPLICATION',
  }
}

/** Inferred. */
const notFound = 'The specified inference profile was not found. Check the inference profile identifier.'

const maxPage = 1_000

/** The texts are those of AWS services for any member; that Bedrock checks these two is inferred. */
function sizeProblem(size: number): string | null {
  if (!Number.isSafeInteger(size)) return 'maxResults: Input should be a valid integer'
  if (size < 1) return constraint(size, 'maxResults', 'have value greater than or equal to 1')
  if (size > maxPage) return constraint(size, 'maxResults', `have value less than or equal to ${maxPage}`)
  return null
}

function typeProblem(type: string | undefined): string | null {
  if (type === undefined || type === 'SYSTEM_DEFINED' || type === 'APPLICATION') return null
  return constraint(type.slice(0, 80), 'typeEquals', 'satisfy enum value set: [SYSTEM_DEFINED, APPLICATION]')
}

function constraint(value: string | number, member: string, rule: string): string {
  return `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`
}

function describe(profile: ProfileFacts, { region, account }: AwsPlace): InferenceProfile {
  return {
    inferenceProfileName: profile.name,
    description: profile.description,
    createdAt: profile.createdAt,
    updatedAt: profile.createdAt,
    inferenceProfileArn: `arn:${getPartition(region)}:bedrock:${region}:${account}:inference-profile/${profile.id}`,
    models: profile.regions.map((served) => ({ modelArn: foundationModelArn(served, profile.modelId) })),
    inferenceProfileId: profile.id,
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
  }
}

/** The ARN of a model in a region; it has no account. */
export function foundationModelArn(region: string, modelId: string): string {
  return `arn:${getPartition(region)}:bedrock:${region}::foundation-model/${modelId}`
}

function getPartition(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return region.startsWith('cn-') ? 'aws-cn' : 'aws'
}

/** A token names the last profile of the page, so that paging stays correct when profiles are added. */
function tokenBehind(last: ProfileFacts): string {
  return encodeBase64(utf8.encode(last.id))
}

function createStart(facts: readonly ProfileFacts[], token: string): number | null {
  const bytes = decodeBase64(token)
  const id = bytes === null ? null : text.decode(bytes)
  const at = facts.findIndex((profile) => profile.id === id)
  return at < 0 ? null : at + 1
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

function fail(type: BedrockError['type'], message: string): { readonly ok: false } & BedrockError {
  return { ok: false, type, message }
}
