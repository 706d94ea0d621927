import { encodeHex } from '../body/hex.ts'
import { incomplete, parseAuthorization, createSignatureError } from './authorization.ts'
import type { Authorization, SignatureError } from './authorization.ts'
import { bedrockTexts } from './bedrock-text.ts'
import { canonicalHead, signedValue } from './canonical-request.ts'
import type { SignedRequest } from './canonical-request.ts'

/** A signature that could be right: everything has been checked but what needs the secret or the body. */
export interface Signature {
  readonly ok: true
  readonly accessKeyId: string
  readonly scope: SignatureScope
  readonly sessionToken: string | null
  /** The header `x-amz-content-sha256`; many clients send none. */
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

/** The hash functions, for this package has none; each in the usual library of wherever this runs. */
export interface SignatureHashes {
  /** 64 lower-case hexadecimal digits. */
  sha256(data: Uint8Array | string): string
  hmacSha256(key: Uint8Array, text: string): Uint8Array
}

export interface ReadingOptions {
  readonly nowMs: number
  /** The services that a scope may name; default Bedrock's runtime. */
  readonly services?: readonly string[]
}

export interface VerifyingOptions {
  readonly hashes: SignatureHashes
  /** What `x-amz-security-token` must be; a request with one is refused by default, for pairs of ours have none. */
  readonly sessionToken?: string
  /** Lets bodies pass that the signature leaves out (`UNSIGNED-PAYLOAD`). */
  readonly unsignedPayload?: boolean
}

/** How far a client's clock may be off. AWS allows five minutes; laptops and containers need more. */
export const clockSkewMs = 900_000

/**
 * Reads the signature of a request whose body has not been read yet (AWS Signature Version 4, "Create a signed AWS API
 * request" of the IAM guide), so that nobody without one gets a body read.
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
 * Checks a signature against the secret of its access key, or the day's signing key that was derived from it, and the
 * bytes of the body.
 */
export function verifySignature(
  signature: Signature,
  secret: string | Uint8Array,
  body: Uint8Array,
  { hashes, sessionToken, unsignedPayload = false }: VerifyingOptions,
): { readonly ok: true } | SignatureError {
  if (signature.sessionToken !== (sessionToken ?? null))
    return createSignatureError('UnrecognizedClientException', bedrockTexts.unknownClient)

  const { contentSha256 } = signature
  const leftOut = unsignedPayload && contentSha256 === 'UNSIGNED-PAYLOAD'
  const payloadHash = leftOut ? 'UNSIGNED-PAYLOAD' : hashes.sha256(body)
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    signature.signedAt,
    scopeText(signature.scope),
    hashes.sha256(signature.canonicalHead + payloadHash),
  ].join('\n')
  const key = typeof secret === 'string' ? deriveSigningKey(secret, signature.scope, hashes) : secret
  const expected = encodeHex(hashes.hmacSha256(key, stringToSign))
  const right = equalsInConstantTime(expected, signature.signature)
  // A hash that was sent must be that of the body, signed or not.
  if (right && (contentSha256 === null || contentSha256 === payloadHash)) return { ok: true }
  return createSignatureError('InvalidSignatureException', bedrockTexts.wrongSignature)
}

/** The key that signs for one day, region and service; four hashes that can be kept while the scope stays. */
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
 * Without these a captured header could be used elsewhere, later, or with another token. Other headers may stay unsigned:
 * proxies on the way add some.
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

/** What a client wrote is quoted only where it could be a date. */
function quotable(date: string): string {
  return /^\d{1,8}$/.test(date) ? date : 'not a date'
}

const isoBasic = /^\d{8}T\d{6}Z$/

/** Both texts are inferred; AWS's clients set their clock by the exception and the answer's `date`. */
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
