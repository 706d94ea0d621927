import { isRecord } from '@anthology/wire'

import { isSecretMember, isSecretName, redacted } from '../redaction/secrets.ts'
import { findForms, mergeSpans, replaceSpans } from '../redaction/spans.ts'

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
  return replaceSpans(text, mergeSpans(findForms(text)))
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
      typeof member === 'string' && isSecretMember(name) ? redacted : redactValue(member),
    ]),
  )
}
