import { isRecord } from '@anthology/wire'

import { computeFingerprint } from '../random.ts'

/** Cuts a long text, with a marker that states how much is missing. */
export function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  return `${text.slice(0, maxCharacters)}… [${text.length - maxCharacters} more characters]`
}

/** Cuts base64, such as an image or a signature. The fingerprint shows whether two of them are the same. */
export function cutBase64(text: string): string {
  return longBase64.test(text)
    ? `${text.slice(0, 12)}… [base64, ${text.length} characters, ${computeFingerprint(text).slice(0, 8)}]`
    : text
}

/** Without a blank or punctuation, so that no prose is base64. */
const longBase64 = /^(?:data:[\w.+/-]+;base64,)?[A-Za-z0-9+/_-]{80,}={0,2}$/

/** Maps all texts in a JSON value. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapTexts(member, change)]))
}
