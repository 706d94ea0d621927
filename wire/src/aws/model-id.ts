import { bedrockTexts } from './bedrock-text.ts'

export interface BedrockArn {
  /** `aws`, `aws-us-gov` or `aws-cn`. */
  readonly partition: string
  readonly region: string
  /** Empty for a resource without an account, such as a foundation model. */
  readonly account: string
  /** A type such as `foundation-model`, `inference-profile`, `application-inference-profile`, `provisioned-model`. */
  readonly resource: string
  readonly resourceId: string
}

export interface BedrockModelId {
  readonly kind: 'model' | 'profile' | 'arn'
  /** The decoded id. */
  readonly text: string
  /** The name to look up in a catalog; null for an ARN that does not identify its model. */
  readonly name: string | null
  /** The region prefix of an inference profile, even if the profile is named by an ARN. */
  readonly profile: string | null
  readonly arn: BedrockArn | null
}

export type ParsedModelId =
  | { readonly ok: true; readonly id: BedrockModelId }
  | { readonly ok: false; readonly type: 'ValidationException'; readonly message: string }

/**
 * Parses the segment `{modelId}` of a raw path. It is decoded once: clients send `:` or `%3A`, and always
 * `%2F` for the `/` of an ARN. Unknown ids pass, because the catalog knows the models.
 *
 * Source: "Supported foundation models" and the pattern of `modelId` in the Amazon Bedrock API reference.
 */
export function parseBedrockModelId(rawSegment: string): ParsedModelId {
  const text = decodeOnce(rawSegment)
  if (text === null || !idForm.test(text)) return fail(bedrockTexts.unknownModel)
  if (!text.startsWith('arn:')) return { ok: true, id: plainId(text) }
  const fields = arnForm.exec(text)?.groups
  if (fields === undefined) return fail(bedrockTexts.unknownModel)
  const { partition = '', region = '', account = '', resource = '', resourceId = '' } = fields
  return {
    ok: true,
    id: {
      kind: 'arn',
      text,
      name: telling.has(resource) ? text : null,
      profile: resource === 'inference-profile' ? findPrefix(resourceId) : null,
      arn: { partition, region, account, resource, resourceId },
    },
  }
}

/** The types of ARN that end with an id of the catalog. */
const telling: ReadonlySet<string> = new Set(['foundation-model', 'inference-profile'])

/**
 * The characters and the length of 2,048 that AWS allows in an id, and Claude Code's suffix `[1m]`; a segment that
 * was encoded twice still contains `%`.
 */
const idForm = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,2047}(?:\[1m\])?$/i

const arnForm =
  /^arn:(?<partition>aws[a-z-]*):(?:bedrock|sagemaker):(?<region>[a-z0-9-]{0,20}):(?<account>\d{12}|):(?<resource>[a-z-]+)\/(?<resourceId>.+)$/

const profileForm = /^(?<prefix>us|eu|apac|jp|au|ca|global|us-gov)\./

function plainId(text: string): BedrockModelId {
  const profile = findPrefix(text)
  return { kind: profile === null ? 'model' : 'profile', text, name: text, profile, arn: null }
}

function findPrefix(id: string): string | null {
  return profileForm.exec(id)?.groups?.['prefix'] ?? null
}

function decodeOnce(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

function fail(message: string): ParsedModelId {
  return { ok: false, type: 'ValidationException', message }
}
