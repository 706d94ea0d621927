/** A kind of secret that is recognized by its form. */
export interface SecretPattern {
  readonly name: string
  readonly pattern: RegExp
}

/**
 * Secrets that are redacted wherever they stand. The forms are those that the issuers document; each expression takes
 * time linear in the text, because it begins only where a word begins, or takes what it has scanned.
 */
export const secretPatterns: readonly SecretPattern[] = [
  { name: 'Anthropic key', pattern: /sk-ant-[\w-]{8,}/g },
  { name: 'Anthology key', pattern: /sk-anthology-[\w-]{8,}/g },
  { name: 'OpenAI key', pattern: /(?<![\w-])sk-(?=[\w-]{0,64}\d)[A-Za-z0-9][\w-]{19,}/g },
  { name: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: 'AWS session token', pattern: /\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[\w+/=%-]{40,}/g },
  { name: 'AWS signature', pattern: /(?<=\bSignature=)[0-9a-f]{64}\b/g },
  { name: 'Bedrock API key', pattern: /\b(?:ABSK|bedrock-api-key-)[\w+/=-]{20,}/g },
  { name: 'AWS account', pattern: /(?<=\barn:aws[a-z-]{0,10}:[a-z0-9-]{1,30}:[a-z0-9-]{0,20}:)\d{12}\b/g },
  {
    name: 'AWS account',
    pattern: /(?<=\barn%3Aaws[a-z-]{0,10}%3A[a-z0-9-]{1,30}%3A[a-z0-9-]{0,20}%3A)\d{12}\b/gi,
  },
  { name: 'Google access token', pattern: /\bya29\.[\w-]{20,}/g },
  { name: 'Google API key', pattern: /\bAIza[\w-]{35}/g },
  { name: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g },
  { name: 'Slack token', pattern: /\bxox[abeprs]-[\w-]{10,}/g },
  { name: 'OpenAI organization', pattern: /\borg-[A-Za-z0-9]{16,}/g },
  { name: 'JSON Web Token', pattern: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*/g },
  // Words of a text, such as "bearer authentication", are no tokens.
  {
    name: 'bearer token',
    pattern: /(?<=\bBearer )(?:(?=[A-Za-z_.~+/=-]*\d)[\w.~+/=-]{12,}|[\w.~+/=-]{24,})/gi,
  },
  {
    name: 'private key',
    pattern:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\w+/=\s\\]{0,10000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
  },
]
