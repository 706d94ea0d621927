import { redacted, secretForms } from './secrets.ts'

/** The place of a secret in a text. */
export interface SecretSpan {
  readonly start: number
  readonly end: number
}

/** Finds the secrets of known forms. The spans of two forms may overlap. */
export function findForms(text: string): readonly SecretSpan[] {
  return secretForms.flatMap(({ pattern }) =>
    Array.from(text.matchAll(pattern), ({ index, 0: match }) => ({
      start: index,
      end: index + match.length,
    })),
  )
}

/** Returns the spans in order and apart. */
export function mergeSpans(spans: readonly SecretSpan[]): readonly SecretSpan[] {
  if (spans.length < 2) return spans
  const merged: SecretSpan[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1)
    if (last === undefined || span.start >= last.end) merged.push(span)
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
  }
  return merged
}

/** Replaces merged spans by the marker. */
export function replaceSpans(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text
  let clean = ''
  let at = 0
  for (const { start, end } of spans) {
    clean += text.slice(at, start) + redacted
    at = end
  }
  return clean + text.slice(at)
}
