import { bedrockTexts } from './bedrock-text.ts'
import type { BedrockErrorType } from './bedrock-error.ts'

/** The parts of an `Authorization` header of AWS Signature Version 4. */
export interface Authorization {
  readonly ok: true
  readonly accessKeyId: string
  /** `YYYYMMDD`. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly terminator: string
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits. */
  readonly signature: string
}

/** The reason for rejecting a signature, with AWS's text. It quotes only header names and parts of the scope. */
export interface SignatureError {
  readonly ok: false
  readonly type: BedrockErrorType
  readonly message: string
}

/** True for a SigV4 header, valid or not; false for a bearer token. */
export function isSignatureHeader(authorization: string | undefined): boolean {
  return authorization !== undefined && authorization.startsWith('AWS4-')
}

/**
 * Parses the header. Commas may be followed by spaces.
 *
 * The texts are those of AWS services; the exception for each is inferred.
 */
export function parseAuthorization(header: string | undefined): Authorization | SignatureError {
  if (header === undefined || header.trim() === '')
    return createSignatureError('MissingAuthenticationTokenException', bedrockTexts.missingToken)
  const [algorithm = '', ...rest] = header.trim().split(/[ \t]+/)
  if (algorithm !== 'AWS4-HMAC-SHA256')
    return incomplete(
      `Unsupported AWS 'algorithm': '${algorithm.slice(0, 40).replace(/[^A-Za-z0-9-]/g, '')}'.`,
    )

  const fields = findFields(rest.join(''))
  if (fields === null)
    return incomplete('A parameter of the Authorization header is not a valid key=value pair.')
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !fields.has(name))
  if (missing.length > 0)
    return incomplete(missing.map((name) => `Authorization header requires '${name}' parameter.`).join(' '))
  return readFields(fields)
}

export function createSignatureError(type: BedrockErrorType, message: string): SignatureError {
  return { ok: false, type, message }
}

export function incomplete(message: string): SignatureError {
  return createSignatureError('IncompleteSignatureException', message)
}

/** No client signs more. Each header adds a line to the canonical request. */
const maxSignedHeaders = 100

function readFields(fields: ReadonlyMap<string, string>): Authorization | SignatureError {
  const scope = (fields.get('Credential') ?? '').split('/')
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = scope
  if (scope.length !== 5 || scope.includes(''))
    return incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.',
    )
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';')
  if (!signedHeaders.every((name) => headerName.test(name)) || signedHeaders.length > maxSignedHeaders)
    return incomplete("Authorization header has a malformed 'SignedHeaders' parameter.")
  if (new Set(signedHeaders).size < signedHeaders.length)
    return incomplete("Authorization header names a header twice in its 'SignedHeaders' parameter.")
  const signature = fields.get('Signature') ?? ''
  if (!/^[0-9a-f]{64}$/.test(signature))
    return createSignatureError('InvalidSignatureException', bedrockTexts.wrongSignature)
  return { ok: true, accessKeyId, date, region, service, terminator, signedHeaders, signature }
}

const headerName = /^:?[a-z0-9!#$%&'*+.^_`|~-]+$/

/** Returns null if a part is not a pair or a name is repeated. */
function findFields(text: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>()
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, Math.max(equals, 0))
    if (equals < 0 || fields.has(name)) return null
    fields.set(name, part.slice(equals + 1))
  }
  return fields
}
