import type { ErrorCode } from '../errors.ts'
import { headerText, noticeHeader } from '../http/headers.ts'

/**
 * Replaces an error's message with the platform's own text, which its clients match. Details for people in our
 * message, such as suggested model names, go to the notice header.
 */
export function usePlatformWords(
  texts: Partial<Record<ErrorCode, string>>,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): { readonly message: string; readonly headers: Readonly<Record<string, string>> } {
  const words = texts[code]
  if (words === undefined) return { message, headers: {} }
  return { message: words, headers: noticed.has(code) ? { [noticeHeader]: headerText(message) } : {} }
}

/** Errors whose own message has more detail than the platform's text. */
const noticed: ReadonlySet<ErrorCode> = new Set(['unknown_model', 'retired_model', 'body_too_large'])
