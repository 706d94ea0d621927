import { encodeHex } from '../body/hex.ts'
import { incomplete, parseAuthorization, createSignatureError } from './authorization.ts'
import type { Authorization, SignatureError } from './authorization.ts'
import { bedrockTexts } from './bedrock-text.ts'
import { canonicalHead, signedValue } from './canonical-request.ts'
import type { SignedRequest } from './canonical-request.ts'

/** A signature that passed every check except those that need the secret or the body. */
export interface Signature {
  readonly ok: true
  readonly accessKeyId: string
  readonly scope: SignatureScope
  readonly sessionToken: string | null
  /** The header `x-amz-content-sha256`, which many clients omit. */
  readonly contentSha256: string | null
  /** `x-amz-date`, such as `20150830T123600Z`. */
  readonly signedAt: string
  readonly canonicalHead: string
  readonly signature: string
}

export interface SignatureScope {
  /** `YYYYMMDD`. */
  readonly date: string
  readonly region: string
  readonly service: string
}

/** The hash functions. This package contains none, so the caller passes those of its platform. */
export interface SignatureHashes {
  /** 64 lower-case hexadecimal digits. */
  sha256(data: Uint8Array | string): string
  hmacSha256(key: Uint8Array, text: string): Uint8Array
}

export interface ReadingOptions {
  readonly nowMs: number
  /** The services that a scope may name; default is Bedrock's runtime. */
  readonly services?: readonly string[]
}

export interface VerifyingOptions {
  readonly hashes: SignatureHashes
  /**
   * The required `x-amz-security-token`. By default a request with a token is rejected, because our AWS
   * credentials have none.
   */
  readonly sessionToken?: string
  /** Accepts bodies that the signature does not cover (`UNSIGNED-PAYLOAD`). */
  readonly unsignedPayload?: boolean
}

/** The maximum clock skew of a client. AWS allows five minutes; laptops and containers need more. */
export const clockSkewMs = 900_000

/**
 * Reads the signature of a request before its body (AWS Signature Version 4, "Create a signed AWS API
 * request" of the IAM guide), so that the body of an unsigned request is never read.
 */
export function readSignature(request: SignedRequest, options: ReadingOptions): Signature | SignatureError {
  const { nowMs, services = ['bedrock'] } = options
  if (isPresigned(request.target))
    return incomplete(
      'A signature in the query is not supported: sign the request in its Authorization header.',
    )
  const header = signedValue(request, 'authorization')
  const parsed = parseAuthorization(header)
  if (!parsed.ok) return parsed
  const unsigned = unsignedProblem(request, parsed.signedHeaders)
  if (unsigned !== null) return incomplete(unsigned)
  const signedAt = signedValue(request, 'x-amz-date') ?? ''
  const misfit = scopeProblem(parsed, services, signedAt) ?? dateProblem(signedAt, nowMs)
  if (misfit !== null) return createSignatureError('InvalidSignatureException', misfit)

  const { accessKeyId, date, region, service, signature, signedHeaders } = parsed
  return {
    ok: true,
    accessKeyId,
    scope: { date, region, service },
    sessionToken: signedValue(request, 'x-amz-security-token') ?? null,
    contentSha256: signedValue(request, 'x-amz-content-sha256') ?? null,
    signedAt,
    canonicalHead: canonicalHead(request, signedHeaders),
    signature,
  }
}

/**
 * Verifies a signature with the body's bytes and the secret of the access key, or the signing key of the day
 * derived from it.
 */
export function verifySignature(
  signature: Signature,
  secret: string | Uint8Array,
  body: Uint8Array,
  options: VerifyingOptions,
): { readonly ok: true } | SignatureError {
  const { contentSha256 } = signature
  const leftOut = options.unsignedPayload === true && contentSha256 === 'UNSIGNED-PAYLOAD'
  const payloadHash = leftOut ? 'UNSIGNED-PAYLOAD' : options.hashes.sha256(body)
  const verified = verifyPayloadHash(signature, secret, payloadHash, options)
  // A hash in the header must match the body, even if the header is not signed.
  if (!verified.ok || contentSha256 === null || contentSha256 === payloadHash) return verified
  return createSignatureError('InvalidSignatureException', bedrockTexts.wrongSignature)
}

/**
 * Verifies a signature with the hash of the body alone. A request that sends this hash as `x-amz-content-sha256` is
 * verified before its body arrives; the body must then have this hash.
 */
export function verifyPayloadHash(
  signature: Signature,
  secret: string | Uint8Array,
  payloadHash: string,
  { hashes, sessionToken }: Omit<VerifyingOptions, 'unsignedPayload'>,
): { readonly ok: true } | SignatureError {
  if (signature.sessionToken !== (sessionToken ?? null))
    return createSignatureError('UnrecognizedClientException', bedrockTexts.unknownClient)
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    signature.signedAt,
    scopeText(signature.scope),
    hashes.sha256(signature.canonicalHead + payloadHash),
  ].join('\n')
  const key = typeof secret === 'string' ? deriveSigningKey(secret, signature.scope, hashes) : secret
  const expected = encodeHex(hashes.hmacSha256(key, stringToSign))
  if (equalsInConstantTime(expected, signature.signature)) return { ok: true }
  return createSignatureError('InvalidSignatureException', bedrockTexts.wrongSignature)
}

/** Derives the signing key for one day, region and service: four hashes, which can be cached for the scope. */
export function deriveSigningKey(
  secret: string,
  { date, region, service }: SignatureScope,
  hashes: SignatureHashes,
): Uint8Array {
  let key = hashes.hmacSha256(utf8.encode(`AWS4${secret}`), date)
  for (const part of [region, service, terminator]) key = hashes.hmacSha256(key, part)
  return key
}

const terminator = 'aws4_request'
const utf8 = new TextEncoder()

function scopeText({ date, region, service }: SignatureScope): string {
  return `${date}/${region}/${service}/${terminator}`
}

function isPresigned(target: string): boolean {
  return /[?&]x-amz-(?:signature|algorithm|credential)=/i.test(target)
}

/**
 * These must be signed, or a captured header could be replayed elsewhere, later, or with another token. Other
 * headers may be unsigned, because proxies add some.
 */
function unsignedProblem(request: SignedRequest, signedHeaders: readonly string[]): string | null {
  if (!signedHeaders.includes('host') && !signedHeaders.includes(':authority'))
    return "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
  const absent = signedHeaders.find((name) => signedValue(request, name) === undefined)
  if (absent !== undefined)
    return `'${absent}' is named as a SignedHeader, but it does not exist in the HTTP request.`
  if (signedValue(request, 'x-amz-date') === undefined)
    return "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
  for (const [name, shown] of mustBeSigned) {
    if (signedValue(request, name) !== undefined && !signedHeaders.includes(name))
      return `'${shown}' must be a 'SignedHeader' in the AWS Authorization.`
  }
  return null
}

const mustBeSigned = [
  ['x-amz-date', 'X-Amz-Date'],
  ['x-amz-security-token', 'X-Amz-Security-Token'],
] as const

function scopeProblem(parsed: Authorization, services: readonly string[], signedAt: string): string | null {
  if (!isoBasic.test(signedAt))
    return "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
  if (!services.includes(parsed.service))
    return `Credential should be scoped to correct service: '${services[0] ?? ''}'. `
  if (parsed.terminator !== terminator)
    return `Credential should be scoped with a valid terminator: '${terminator}'. `
  const day = signedAt.slice(0, 8)
  if (parsed.date === day) return null
  return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${quotable(parsed.date)}' != '${day}', from '${signedAt}'.`
}

/** Quotes a client's value only if it could be a date. */
function quotable(date: string): string {
  return /^\d{1,8}$/.test(date) ? date : 'not a date'
}

const isoBasic = /^\d{8}T\d{6}Z$/

/** Both texts are inferred; AWS clients correct their clock from the exception and the response's `date`. */
function dateProblem(signedAt: string, nowMs: number): string | null {
  const signedMs = Date.parse(
    signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z'),
  )
  if (Number.isNaN(signedMs))
    return "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
  const now = basicDate(nowMs)
  const minutes = clockSkewMs / 60_000
  if (signedMs < nowMs - clockSkewMs)
    return `Signature expired: ${signedAt} is now earlier than ${basicDate(nowMs - clockSkewMs)} (${now} - ${minutes} min.)`
  if (signedMs > nowMs + clockSkewMs)
    return `Signature not yet current: ${signedAt} is still later than ${basicDate(nowMs + clockSkewMs)} (${now} + ${minutes} min.)`
  return null
}

function basicDate(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}|[-:]/g, '')
}

function equalsInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
