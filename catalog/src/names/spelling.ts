/** A name without the parts that other tools add, and the meaning of those parts. */
export interface Spelling {
  readonly name: string
  /** The prefix of a Bedrock inference profile, e.g. `us`. */
  readonly profile: string | null
  /** Claude Code's suffix `[1m]`. */
  readonly window: '1m' | null
  /** Why the name cannot be read, in one sentence; null if it can. */
  readonly opaque: string | null
}

/** Removes, in this order: `[1m]`, routing prefixes, paths of Google Cloud, ARNs, and the profile's prefix. */
export function readSpelling(text: string): Spelling {
  const wide = /^(?<name>.+)\[1m\]$/i.exec(text)?.groups?.['name']
  const routed = stripRoutes(wide ?? text)
  const window = wide === undefined ? null : '1m'
  const arn = arnForm.exec(routed)?.groups
  if (arn !== undefined && !readableResources.has(arn['kind'] ?? '')) {
    return { name: routed, profile: null, window, opaque: opaqueArn(arn['kind'] ?? '') }
  }
  const id = arn?.['id'] ?? vertexPath.exec(routed)?.groups?.['id'] ?? routed
  const profile = profileForm.exec(id)?.groups
  return { name: profile?.['id'] ?? id, profile: profile?.['prefix'] ?? null, window, opaque: null }
}

/** Prefixes of Bedrock's inference profiles; they choose the region of a call, never another model. */
const profileForm = /^(?<prefix>us|eu|apac|jp|au|ca|global|us-gov)\.(?<id>anthropic\..+)$/

const arnForm = /^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?<kind>[a-z-]+)\/(?<id>.+)$/

const readableResources: ReadonlySet<string> = new Set(['foundation-model', 'inference-profile'])

const vertexPath =
  /^(?:.*\/)?publishers\/anthropic\/models\/(?<id>[^/:]+)(?::(?:rawPredict|streamRawPredict))?$/

function opaqueArn(kind: string): string {
  return kind === 'application-inference-profile'
    ? 'The ARN of an application inference profile does not contain its model; GetInferenceProfile on Bedrock returns it.'
    : `An ARN of type ${kind.slice(0, 40)} does not contain its model.`
}

/** Prefixes that gateways and SDKs put before a model's name: provider, protocol, region. */
const route =
  /^(?:openrouter|litellm|anthropic|claude|bedrock|bedrock_converse|vertex_ai|vertex|google|azure_ai|azure|foundry|converse|invoke|[a-z]{2}(?:-gov)?-[a-z]+-\d)\/(?=.)/i

const maxRoutes = 4

function stripRoutes(text: string): string {
  let name = text
  for (let count = 0; count < maxRoutes && route.test(name); count += 1) name = name.replace(route, '')
  return name
}
