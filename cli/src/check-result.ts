import {
  type Finding,
  type LifecycleMode,
  type Model,
  type Platform,
  type Quote,
  check,
  readFacts,
  quote,
} from '@anthology/catalog'
import {
  type ApiVersion,
  type JsonObject,
  apiVersions,
  formatProblem,
  isRecord,
  validateMessagesRequest,
} from '@anthology/wire'

/** A request as it would be sent, with what is known of where. */
export type CheckedRequest = {
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
  /** What the body itself, or a capture of it, says of the platform. */
  readonly platform: Platform | null
}

export type CheckInput = {
  readonly asOf: string | undefined
  readonly lifecycle: LifecycleMode
  readonly region: 'global' | 'regional' | undefined
}

/** What one platform would say. */
export type CheckResult = {
  readonly platform: Platform
  /** The catalog knows the model there. */
  readonly isOffered: boolean
  readonly isRefused: boolean
  readonly findings: readonly Finding[]
}

export type Judgement = {
  readonly model: Model
  readonly version: string
  readonly results: readonly CheckResult[]
  /** On the first platform that was looked at. */
  readonly quote: Quote
}

/** A body alone, or a capture that has its headers beside it. */
export function readRequest(value: unknown): CheckedRequest | null {
  if (!isRecord(value)) return null
  const { body, headers } = value
  const isCapture = isRecord(body) && !('messages' in value)
  const bare = isCapture ? body : value
  const given = isCapture && isRecord(headers) ? Object.entries(headers) : []
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { body: bare, headers: Object.fromEntries(texts), platform: findPlatform(bare) }
}

/** Bedrock and Vertex AI take the version inside the body, in a spelling of their own. */
function findPlatform({ anthropic_version: version }: JsonObject): Platform | null {
  if (typeof version !== 'string') return null
  if (version.startsWith('bedrock-')) return 'bedrock'
  return version.startsWith('vertex-') ? 'vertex' : null
}

export function judge(
  { body, headers }: CheckedRequest,
  model: Model,
  platforms: readonly Platform[],
  circumstances: CheckInput,
): Judgement {
  const { asOf, lifecycle, region } = circumstances
  const facts = readFacts(body, headers)
  const version = facts.api_version ?? apiVersions[0]
  const misshapen = findMisshapen(body, version)
  const results = platforms.map((platform): CheckResult => {
    const found = check(facts, model, { asOf, platform, lifecycle, apiVersion: version })
    const isKnown = misshapen === null || found.some(({ message }) => message === misshapen.message)
    const findings = isKnown ? found : [misshapen, ...found]
    const isRefused = findings.some(({ severity }) => severity === 'error')
    return { platform, isOffered: model.platforms[platform] !== null, isRefused, findings }
  })
  const quoted = quote(facts, model, { asOf, platform: platforms[0], region })
  return { model, version, results, quote: quoted }
}

/** What is refused of such a body whatever the model: a member that is missing, unknown or of the wrong type. */
function findMisshapen(body: JsonObject, version: string): Finding | null {
  const { anthropic_version: _version, anthropic_beta: _beta, ...rest } = body
  const apiVersion: ApiVersion = apiVersions.find((known) => known === version) ?? apiVersions[0]
  // On the clouds the model stands in the address.
  const whole = 'model' in rest ? rest : { ...rest, model: 'in the address' }
  const problem = validateMessagesRequest(whole, { apiVersion })
  if (problem === null) return null
  return {
    code: 'misshapen',
    severity: 'error',
    status: 400,
    type: 'invalid_request_error',
    message: formatProblem(problem),
    hint: 'Mend the body: this is refused on every platform and by every model.',
    path: problem.path === '' ? null : problem.path,
  }
}
