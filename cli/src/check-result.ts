import { check, checkCall, readFacts, quote, withEndpoint } from '@anthology/catalog'
import type { Finding, FoundryHosting, LifecycleMode, Model, Platform, Quote } from '@anthology/catalog'
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

import { detectProtocol, toMessagesBody, toOwnPath } from './client-body.ts'
import type { BodyProtocol } from './client-body.ts'

/** A request to check, with its headers and platform if known. */
export interface CheckedRequest {
  readonly body: JsonObject
  /** The API whose request it is, detected from the body unless it is given. */
  readonly protocol: BodyProtocol
  readonly headers: Readonly<Record<string, string>>
  /** The platform detected from the body or its capture. */
  readonly platform: Platform | null
}

export interface CheckInput {
  /** The name of the model as the client sends it: a name on a cloud decides where the call runs. */
  readonly name: string
  readonly asOf: string | undefined
  readonly lifecycle: LifecycleMode
  readonly region: 'global' | 'regional' | undefined
  /** The host of the deployment of Foundry. */
  readonly hosting: FoundryHosting | undefined
  /** The reason why the API's JSON parser rejects the text of the request, if `JSON.parse` accepts it. */
  readonly escapeProblem?: string | null
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
  readonly protocol: BodyProtocol
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
  const protocol = detectProtocol(bare)
  return { body: bare, headers: Object.fromEntries(texts), protocol, platform: findPlatform(bare) }
}

/** Bedrock and Vertex AI have the version in the body, each with its own value. */
function findPlatform({ anthropic_version: version }: JsonObject): Platform | null {
  if (typeof version !== 'string') return null
  if (version.startsWith('bedrock-')) return 'bedrock'
  return version.startsWith('vertex-') ? 'vertex' : null
}

export function checkOnPlatforms(
  request: CheckedRequest,
  model: Model,
  platforms: readonly Platform[],
  options: CheckInput,
): Judgement {
  const { asOf, lifecycle, name, region, hosting, escapeProblem = null } = options
  const { protocol } = request
  const read = toMessagesBody(request.body, protocol, { model, asOf })
  if (!read.ok) return rejectEverywhere(findUnreadable(read.message, read.path), model, platforms, protocol)
  const { body } = read
  const sent = readFacts(body, addBetas(request.headers, read.betas), { media: mediaReader })
  const version = sent.api_version ?? apiVersions[0]
  const parsed = escapeProblem === null ? parseBody(body, version, asOf) : rejectText(escapeProblem)
  const facts = { ...sent, system_entry_problem: describeEntryProblem(parsed) }
  const schemaFindings = [findWrongVersion(version), findMisshapen(parsed)].filter((found) => found !== null)
  const results = platforms.map((platform): CheckResult => {
    const where = { asOf, platform, hosting, lifecycle, apiVersion: version }
    const first = checkCall(facts, where)
    const rest = check(facts, model, where).slice(first.length)
    const shape = schemaFindings.filter(({ message }) => rest.every((found) => found.message !== message))
    // The API checks the headers before the body, and the model last.
    const findings = [...first, ...shape, ...rest].map((found) => placeFinding(found, request))
    const isRefused = findings.some(({ severity }) => severity === 'error')
    const isOffered = model.platforms[platform] !== null
    return { platform, isOffered, isRefused, findings: [...findings, ...read.notices.map(noteTranslation)] }
  })
  const quoted = quote(facts, model, withEndpoint({ asOf, platform: platforms[0], region }, name))
  return { model, protocol, version, results, quote: quoted }
}

function rejectEverywhere(
  finding: Finding,
  model: Model,
  platforms: readonly Platform[],
  protocol: BodyProtocol,
): Judgement {
  const results = platforms.map((platform) => ({
    platform,
    isOffered: model.platforms[platform] !== null,
    isRefused: true,
    findings: [finding],
  }))
  const unpriced = { ok: false, because: 'unknown_price', detail: 'the request cannot be read' } as const
  return { model, protocol, version: apiVersions[0], results, quote: unpriced }
}

function findUnreadable(message: string, path: string | null): Finding {
  return { ...refused, code: 'misshapen', message, hint: 'Correct the body: its own API rejects it.', path }
}

/** A path of the Messages API means nothing to the author of another body. */
function placeFinding(finding: Finding, { protocol, body }: CheckedRequest): Finding {
  const { path } = finding
  return path === null ? finding : { ...finding, path: toOwnPath(path, protocol, body) }
}

function noteTranslation(message: string): Finding {
  const hint = 'Leave it out, or use the Messages API.'
  return {
    code: 'without_effect',
    severity: 'notice',
    status: 200,
    type: 'notice',
    message,
    hint,
    path: null,
  }
}

function addBetas(headers: CheckedRequest['headers'], betas: readonly string[]): CheckedRequest['headers'] {
  if (betas.length === 0) return headers
  const [name, known] =
    Object.entries(headers).find(([each]) => each.toLowerCase() === 'anthropic-beta') ?? []
  return { ...headers, [name ?? 'anthropic-beta']: [known, ...betas].filter(Boolean).join(',') }
}

function parseBody(body: JsonObject, version: string, asOf: string | undefined): ParsedRequest {
  const { anthropic_version: _version, anthropic_beta: _beta, ...rest } = body
  const apiVersion = apiVersions.find((known) => known === version) ?? apiVersions[0]
  // On the clouds the model is in the URL.
  const whole = 'model' in rest ? rest : { ...rest, model: 'in the address' }
  return parseMessagesRequest(whole, { apiVersion, asOf })
}

function rejectText(reason: string): ParsedRequest {
  return { ok: false, problem: { path: '', message: `The request body is not valid JSON: ${reason}` } }
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
