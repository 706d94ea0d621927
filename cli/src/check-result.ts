import { check, checkCall, readFacts, quote } from '@anthology/catalog'
import type { Finding, LifecycleMode, Model, Platform, Quote } from '@anthology/catalog'
import { mediaReader } from '@anthology/emulator/media'
import {
  apiVersions,
  findSystemEntryProblem,
  formatProblem,
  isRecord,
  invokeVersions,
  parseApiVersion,
  parseMessagesRequest,
  rawPredictVersions,
} from '@anthology/wire'
import type { JsonObject, ParsedRequest } from '@anthology/wire'

/** A request to check, with its headers and platform if known. */
export interface CheckedRequest {
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
  /** The platform detected from the body or its capture. */
  readonly platform: Platform | null
}

export interface CheckInput {
  readonly asOf: string | undefined
  readonly lifecycle: LifecycleMode
  readonly region: 'global' | 'regional' | undefined
}

/** The findings for one platform. */
export interface CheckResult {
  readonly platform: Platform
  /** The catalog lists the model on this platform. */
  readonly isOffered: boolean
  readonly isRefused: boolean
  readonly findings: readonly Finding[]
}

export interface Judgement {
  readonly model: Model
  readonly version: string
  readonly results: readonly CheckResult[]
  /** For the first checked platform. */
  readonly quote: Quote
}

/** Accepts a body alone, or a capture that includes the headers. */
export function readRequest(value: unknown): CheckedRequest | null {
  if (!isRecord(value)) return null
  const { body, headers } = value
  const isCapture = isRecord(body) && !('messages' in value)
  const bare = isCapture ? body : value
  const given = isCapture && isRecord(headers) ? Object.entries(headers) : []
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { body: bare, headers: Object.fromEntries(texts), platform: findPlatform(bare) }
}

/** Bedrock and Vertex AI have the version in the body, each with its own value. */
function findPlatform({ anthropic_version: version }: JsonObject): Platform | null {
  if (typeof version !== 'string') return null
  if (version.startsWith('bedrock-')) return 'bedrock'
  return version.startsWith('vertex-') ? 'vertex' : null
}

export function checkOnPlatforms(
  { body, headers }: CheckedRequest,
  model: Model,
  platforms: readonly Platform[],
  options: CheckInput,
): Judgement {
  const { asOf, lifecycle, region } = options
  const sent = readFacts(body, headers, { media: mediaReader })
  const version = sent.api_version ?? apiVersions[0]
  const parsed = parseBody(body, version, asOf)
  const facts = { ...sent, system_entry_problem: describeEntryProblem(parsed) }
  const schemaFindings = [findWrongVersion(version), findMisshapen(parsed)].filter((found) => found !== null)
  const results = platforms.map((platform): CheckResult => {
    const where = { asOf, platform, lifecycle, apiVersion: version }
    const first = checkCall(facts, where)
    const rest = check(facts, model, where).slice(first.length)
    const shape = schemaFindings.filter(({ message }) => rest.every((found) => found.message !== message))
    // The API checks the headers before the body, and the model last.
    const findings = [...first, ...shape, ...rest]
    const isRefused = findings.some(({ severity }) => severity === 'error')
    return { platform, isOffered: model.platforms[platform] !== null, isRefused, findings }
  })
  const quoted = quote(facts, model, { asOf, platform: platforms[0], region })
  return { model, version, results, quote: quoted }
}

function parseBody(body: JsonObject, version: string, asOf: string | undefined): ParsedRequest {
  const { anthropic_version: _version, anthropic_beta: _beta, ...rest } = body
  const apiVersion = apiVersions.find((known) => known === version) ?? apiVersions[0]
  // On the clouds the model is in the URL.
  const whole = 'model' in rest ? rest : { ...rest, model: 'in the address' }
  return parseMessagesRequest(whole, { apiVersion, asOf })
}

function describeEntryProblem(parsed: ParsedRequest): string | undefined {
  const problem = parsed.ok ? findSystemEntryProblem(parsed.request.messages) : null
  return problem === null ? undefined : formatProblem(problem)
}

/** Finds an API version that no platform accepts. */
function findWrongVersion(version: string): Finding | null {
  const cloudVersions: readonly string[] = [...invokeVersions, ...rawPredictVersions]
  const read = parseApiVersion(version)
  if (read.ok || cloudVersions.includes(version)) return null
  return {
    ...refused,
    code: 'version_invalid',
    message: read.message,
    hint: `Send anthropic-version once: ${apiVersions.join(' or ')}.`,
    path: 'anthropic-version',
  }
}

const refused = { severity: 'error', status: 400, type: 'invalid_request_error' } as const

/** Finds schema errors, independently of the model: a missing or unknown member, or a wrong type. */
function findMisshapen(parsed: ParsedRequest): Finding | null {
  if (parsed.ok) return null
  const { problem } = parsed
  return {
    ...refused,
    code: 'misshapen',
    message: formatProblem(problem),
    hint: 'Correct the body: every platform and model rejects it.',
    path: problem.path === '' ? null : problem.path,
  }
}
