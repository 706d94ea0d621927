import { isRecord, parseJson } from '@anthology/wire'
import { RE2JS } from 're2js'

import { CassetteError } from '../cassette.ts'
import { secretPatterns } from './patterns.ts'

/** Replaces secrets in texts. Requests are redacted alike when they are recorded and when they are compared. */
export interface Redactor {
  redact(text: string): string
  /** Redacts the strings in JSON text, and leaves all other bytes as they are. Other text is redacted as a whole. */
  redactJson(text: string): string
  /** The places of the secrets in a text, in order and apart. */
  findSecrets(text: string): readonly SecretSpan[]
}

export interface SecretSpan {
  readonly start: number
  readonly end: number
}

export interface RedactionOptions {
  /** Values to redact beside those that the request carries, such as the credential that an upstream adds. */
  readonly secrets?: readonly string[]
  /** Regular expressions in RE2 syntax. Their matches are redacted, also in the texts that are compared. */
  readonly patterns?: readonly string[]
}

/** Stands in place of each secret, so that a new credential does not change what is compared. */
export const marker = '[redacted]'

/** Creates a redactor of known values, known forms and own patterns. Throws a CassetteError for an invalid pattern. */
export function createRedactor(secrets: readonly string[], patterns: readonly string[] = []): Redactor {
  const values = listVariants(secrets)
  const own = patterns.map(compilePattern)
  const findSecrets = (text: string): readonly SecretSpan[] =>
    mergeSpans([...findValues(text, values), ...findForms(text), ...own.flatMap((find) => find(text))])
  const redact = (text: string): string => replaceSpans(text, findSecrets(text))
  return {
    findSecrets,
    redact,
    redactJson: (text) => {
      // A text without a secret has none in its strings either, except behind escapes.
      const isClean = findSecrets(text).length === 0
      if (isClean && !text.includes('\\')) return text
      const value = parseJson(text)
      if (!isRecord(value) && !Array.isArray(value)) return redact(text)
      return mapStrings(text, (literal) =>
        isClean && !literal.includes('\\') ? literal : redactLiteral(literal, redact),
      )
    },
  }
}

/** Replaces the string literals in JSON text. A regular expression would need a stack for long strings. */
function mapStrings(text: string, map: (literal: string) => string): string {
  let mapped = ''
  let at = 0
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', at)) {
    const end = findStringEnd(text, start)
    mapped += text.slice(at, start) + map(text.slice(start, end))
    at = end
  }
  return mapped + text.slice(at)
}

/** The offset behind the quotation mark that ends the string. */
function findStringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return at + 1
  }
  return text.length
}

function redactLiteral(literal: string, redact: (text: string) => string): string {
  if (!literal.includes('\\')) return `"${redact(literal.slice(1, -1))}"`
  const text: unknown = parseJson(literal)
  if (typeof text !== 'string') return redact(literal)
  const clean = redact(text)
  return clean === text ? literal : JSON.stringify(clean)
}

/**
 * The length from which a credential is taken for a secret. Shorter ones are placeholders, such as `ollama` or
 * `test-key`: words that occur in ordinary answers.
 */
export const minSecretLength = 12

/** A secret may also stand in a text as part of a URL or in base64. The longest come first. */
function listVariants(secrets: readonly string[]): readonly string[] {
  const known = secrets.map((secret) => secret.trim()).filter((secret) => secret.length >= minSecretLength)
  const variants = known.flatMap((secret) => [secret, encodeURIComponent(secret), encodeText(secret)])
  return [...new Set(variants)].toSorted((one, other) => other.length - one.length)
}

/** Base64 without the end, which depends on the following text. */
function encodeText(text: string): string {
  const latin1 = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
  return btoa(latin1.slice(0, latin1.length - (latin1.length % 3)))
}

function findValues(text: string, values: readonly string[]): readonly SecretSpan[] {
  const spans: SecretSpan[] = []
  for (const value of values)
    for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
      spans.push({ start: at, end: at + value.length })
  return spans
}

function findForms(text: string): readonly SecretSpan[] {
  return secretPatterns.flatMap(({ pattern }) =>
    Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({
      start: index,
      end: index + match.length,
    })),
  )
}

function compilePattern(source: string): (text: string) => readonly SecretSpan[] {
  const pattern = compile(source)
  return (text) => {
    const spans: SecretSpan[] = []
    const matcher = pattern.matcher(text)
    while (matcher.find()) {
      const span = { start: matcher.start(), end: matcher.end() }
      if (span.end > span.start) spans.push(span)
    }
    return spans
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CassetteError(`the pattern ${JSON.stringify(source)} is not valid: ${reason}`, { cause: error })
  }
}

function mergeSpans(spans: readonly SecretSpan[]): readonly SecretSpan[] {
  if (spans.length < 2) return spans
  const merged: SecretSpan[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last === undefined || span.start >= last.end) merged.push(span)
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
  }
  return merged
}

function replaceSpans(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text
  let clean = ''
  let at = 0
  for (const { start, end } of spans) {
    clean += text.slice(at, start) + marker
    at = end
  }
  return clean + text.slice(at)
}
