import { isRecord } from '@anthology/wire'

/** Stands in place of a credential. */
export const redacted = '[redacted]'

/** Whether a header or a parameter of a query holds a credential, by its name. */
export function isSecretName(name: string): boolean {
  return secretName.test(name)
}

/** Members of a body that hold a credential, such as the `authorization_token` of an MCP server. */
const secretMember =
  /^(?:authorization(?:_token)?|api_?key|(?:access|auth|refresh|bearer)_?token|(?:client_?)?secret|password)$/i

/** Names such as `authorization`, `x-api-key`, `cookie`, `x-amz-security-token`, `X-Amz-Signature`. */
const secretName =
  /^(?:proxy-)?authorization$|(?:^|[_-])(?:api[_-]?key|key|token|secret|password|credential|signature|cookie2?)$/i

/**
 * Keys of the Claude API, of Anthology and of OpenAI, AWS access keys, bearer tokens of Google, JSON web tokens. In a URL
 * an escape such as `%20` may stand before them.
 */
const secretValue =
  /(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))(?:sk-(?:ant|anthology|proj)[\w-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{16}\b|ya29\.[\w.-]{20,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})/g

/** Replaces the values of headers that are credentials. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretName(name) ? redacted : redactText(value)]),
  )
}

/** Replaces the parameters of a path's query that are credentials. The rest keeps its spelling. */
export function redactPath(target: string): string {
  return redactText(
    target.replaceAll(/([?&])([^=&]+)=([^&]*)/g, (whole, mark: string, name: string) =>
      isSecretName(name) ? `${mark}${name}=${redacted}` : whole,
    ),
  )
}

/** Replaces credentials inside a text, by their form. */
export function redactText(text: string): string {
  return text.replaceAll(secretValue, redacted)
}

/**
 * Replaces credentials in a JSON value: texts by their form, and the texts of members such as `authorization_token` by
 * name.
 */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(redactValue)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && secretMember.test(name) ? redacted : redactValue(member),
    ]),
  )
}
