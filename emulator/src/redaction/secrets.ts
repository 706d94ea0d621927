/** Stands in place of each secret, in recordings, in lists of requests and in snapshots. */
export const redacted = '[redacted]'

/** A kind of secret that is recognized by its form. */
export interface SecretForm {
  readonly name: string
  readonly pattern: RegExp
}

/**
 * A secret may begin where a word begins, or after an escape of a URL or of JSON inside a string, such as `%20` and `\n`,
 * whose last character belongs to a word.
 */
const start = String.raw`(?:\b|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt]))`
/** The same for forms that are common inside hyphenated words. */
const freeStart = String.raw`(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt]))`

/** Names of parameters of a URL. A token of a page is no secret. */
const urlSecrets = String.raw`(?:access|auth|refresh|security|session)[_-]?token|signature|secret|password|api[_-]?key`

/**
 * The secrets that are redacted wherever they stand. The forms are those that the issuers document; each expression takes
 * time linear in the text, because it begins only where a word begins, or takes what it has scanned.
 */
export const secretForms: readonly SecretForm[] = [
  form('Anthropic key', String.raw`sk-ant-[\w-]{8,}`),
  form('Anthology key', String.raw`sk-anthology-[\w-]{8,}`),
  form('OpenAI key', String.raw`${freeStart}sk-(?:proj-[\w-]{8,}|(?=[\w-]{0,64}\d)[A-Za-z0-9][\w-]{19,})`),
  form('AWS access key id', String.raw`${start}(?:AKIA|ASIA)[A-Z0-9]{16}\b`),
  form('AWS session token', String.raw`${start}(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[\w+/=%-]{40,}`),
  form('AWS signature', String.raw`(?<=${start}Signature=)[0-9a-f]{64}\b`),
  form('Bedrock API key', String.raw`${start}(?:ABSK|bedrock-api-key-)[\w+/=-]{20,}`),
  form('AWS account', String.raw`(?<=${start}arn:aws[a-z-]{0,10}:[a-z0-9-]{1,30}:[a-z0-9-]{0,20}:)\d{12}\b`),
  form(
    'AWS account in a URL',
    String.raw`(?<=${start}arn%3Aaws[a-z-]{0,10}%3A[a-z0-9-]{1,30}%3A[a-z0-9-]{0,20}%3A)\d{12}\b`,
    'gi',
  ),
  form('Google access token', String.raw`${start}ya29\.[\w.-]{20,}`),
  form('Google API key', String.raw`${start}AIza[\w-]{35}`),
  form('GitHub token', String.raw`${start}(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})`),
  form('Slack token', String.raw`${start}xox[abeprs]-[\w-]{10,}`),
  form('OpenAI organization', String.raw`${start}org-[A-Za-z0-9]{16,}`),
  form(
    'JSON Web Token',
    String.raw`${freeStart}eyJ[\w-]{8,}\.(?:eyJ[\w-]{4,}\.[\w-]*|[\w-]{10,}\.[\w-]{10,})`,
  ),
  // Words of a text, such as "bearer authentication", are no tokens.
  form(
    'bearer token',
    String.raw`(?<=${start}Bearer )(?:(?=[A-Za-z_.~+/=-]*\d)[\w.~+/=-]{12,}|[\w.~+/=-]{24,})`,
    'gi',
  ),
  // Such as the key in the address of an MCP server, or the signature of a presigned URL. Words have no digit.
  form(
    'secret in a URL',
    String.raw`(?<=[?&;](?:(?:[\w-]{0,40}[_-])?(?:${urlSecrets})|token|key|sig)=)(?=[A-Za-z_.~%+/=-]{0,200}\d)[\w.~%+/=-]{12,}`,
    'gi',
  ),
  form(
    'private key',
    String.raw`-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\w+/=\s\\]{0,10000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?`,
  ),
]

function form(name: string, source: string, flags = 'g'): SecretForm {
  return { name, pattern: new RegExp(source, flags) }
}

/**
 * Whether a header or a parameter of a query holds a credential or identifies an account, by its name: `authorization`,
 * `x-api-key`, `cookie`, `x-amz-security-token`, `X-Amz-Signature`, `openai-organization`.
 */
export function isSecretName(name: string): boolean {
  return secretName.test(name)
}

/** HTTP/2 has the host as `:authority`. */
const secretName =
  /auth(?!ority)|cookie|secret|password|credential|signature|organization|api[_-]?key|token$|(?:^|[_-])key$/i

/** Whether a member of a body holds a credential, by its name, such as the `authorization_token` of an MCP server. */
export function isSecretMember(name: string): boolean {
  return secretMember.test(name)
}

/** The whole name, because bodies have members such as `max_tokens` and `key`. */
const secretMember =
  /^(?:authorization(?:_token)?|api_?key|(?:access|auth|refresh|bearer)_?token|(?:client_?)?secret|password)$/i
