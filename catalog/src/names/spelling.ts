/** A name without the parts that other tools add, and the meaning of those parts. */
export interface Spelling {
  readonly name: string
  /** The text with only `[1m]` and the routing prefixes removed. */
  readonly routed: string
  /** The prefix of a Bedrock inference profile, e.g. `us`. */
  readonly profile: string | null
  /** Claude Code's suffix `[1m]`. */
  readonly window: '1m' | null
  /** Why the name cannot identify a model, in one sentence; null if it can. */
  readonly opaque: string | null
  /** The effect of OpenRouter's suffix that a name alone cannot have here, in one sentence; null without one. */
  readonly variant: string | null
}

/**
 * Removes, in this order: `[1m]`, routing prefixes, paths of Google Cloud, ARNs, the suffixes of OpenRouter and of
 * provisioned throughput, and the profile's prefix.
 */
export function readSpelling(text: string): Spelling {
  const { name: bare, window } = readWindow(text)
  const routed = stripRoutes(bare)
  const { id, opaque } = readResource(routed)
  if (opaque !== null) return { name: routed, routed, profile: null, window, opaque, variant: null }
  const { name: invoked, variant } = readVariant(id)
  const { name, profile } = readProfile(invoked)
  return { name, routed, profile, window, opaque, variant }
}

function readWindow(text: string): Pick<Spelling, 'name' | 'window'> {
  const name = /^(?<name>.+)\[1m\]$/i.exec(text)?.groups?.['name']
  return name === undefined ? { name: text, window: null } : { name, window: '1m' }
}

/** Reads the id in an ARN or in a path of Google Cloud; any other text is an id itself. */
function readResource(text: string): { readonly id: string; readonly opaque: string | null } {
  const arn = arnForm.exec(text)?.groups
  if (arn === undefined) return { id: googlePath.exec(text)?.groups?.['id'] ?? text, opaque: null }
  const { kind = '', id = text } = arn
  return { id, opaque: readableResources.has(kind) ? null : explainOpaqueArn(kind) }
}

function readProfile(text: string): Pick<Spelling, 'name' | 'profile'> {
  const { id = text, prefix } = profileForm.exec(text)?.groups ?? {}
  return { name: id, profile: prefix?.toLowerCase() ?? null }
}

/** Prefixes of Bedrock's inference profiles; they choose the region of a call, never another model. */
const profileForm = /^(?<prefix>us|eu|apac|jp|au|ca|global|us-gov)\.(?<id>anthropic\..+)$/i

/** Bedrock accepts ARNs of its own resources, and of a SageMaker endpoint: `arn:aws:bedrock:us-east-1::foundation-model/...`. */
const arnForm = /^arn:aws[a-z-]*:(?:bedrock|sagemaker):[a-z0-9-]*:\d*:(?<kind>[a-z-]+)\/(?<id>.+)$/

/** Types of resources whose ARN ends with an id of a model. */
const readableResources: ReadonlySet<string> = new Set(['foundation-model', 'inference-profile'])

/** `projects/p/locations/l/publishers/anthropic/models/claude-...:rawPredict` */
const googlePath = /^(?:.*\/)?publishers\/anthropic\/models\/(?<id>[^/:]+)(?::[a-zA-Z]+)?$/

function explainOpaqueArn(kind: string): string {
  return kind === 'application-inference-profile'
    ? 'The ARN of an application inference profile does not contain its model; GetInferenceProfile on Bedrock returns it.'
    : `An ARN of type ${kind.slice(0, 40)} does not contain its model.`
}

/**
 * OpenRouter's suffixes ("Model variants", openrouter.ai/docs). Null: it chooses a provider, not another answer.
 * Any other effect has to be requested where the Messages API expects it, so the name is not resolved without it.
 */
const variants: ReadonlyMap<string, string | null> = new Map([
  ['beta', null],
  ['nitro', null],
  ['floor', null],
  ['exacto', null],
  [
    'thinking',
    'OpenRouter\'s suffix ":thinking" turns thinking on; a request does that with its member "thinking".',
  ],
  ['online', 'OpenRouter\'s suffix ":online" adds a web search; a request does that with a web search tool.'],
  [
    'extended',
    'OpenRouter\'s suffix ":extended" selects a longer context window, which no Claude model has.',
  ],
  ['free', 'OpenRouter\'s suffix ":free" selects a model without a price, which no Claude model is.'],
])

/** Bedrock lists ids with a context window, such as `...-v1:0:48k`, for provisioned throughput. */
const throughputSuffix = /:\d+k$/i

function readVariant(id: string): { readonly name: string; readonly variant: string | null } {
  const colon = id.lastIndexOf(':')
  const suffix = id.slice(colon + 1).toLowerCase()
  const variant = colon > 0 ? variants.get(suffix) : undefined
  if (variant === undefined) return { name: id.replace(throughputSuffix, ''), variant: null }
  return { name: id.slice(0, colon), variant }
}

/**
 * Prefixes that gateways and SDKs put before a model's name: provider, protocol, region. LiteLLM, OpenRouter, Vercel
 * and models.dev write them with a slash, pydantic-ai and LangChain with a colon, Portkey with a
 * leading `@`, OpenRouter with a leading `~` for names that move.
 */
const route =
  /^[@~]?(?:openrouter|litellm(?:_proxy)?|vercel(?:_ai_gateway)?|requesty|github[-_]copilot|(?:custom_)?openai|anthropic|claude|(?:amazon-)?bedrock|bedrock_converse|vertex(?:_ai)?|google(?:-vertex)?(?:-anthropic)?|google_vertexai|azure(?:_ai)?|foundry|converse|invoke|models|[a-z]{2}(?:-gov)?-[a-z]+-\d|(?:us|europe|asia|northamerica|southamerica|australia|me|africa)-[a-z]+\d+)[/:](?=.)/i

const maxRoutes = 6

function stripRoutes(text: string): string {
  let name = text
  for (let count = 0; count < maxRoutes && route.test(name); count += 1) name = name.replace(route, '')
  return name
}
