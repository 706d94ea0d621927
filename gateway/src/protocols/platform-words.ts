import type { ErrorCode } from '../errors.ts'
import { headerText, noticeHeader } from '../http/headers.ts'

/**
 * Replaces our message with the platform's own text, which its clients match. Details that this text lacks, such as
 * suggested model names, move to the notice.
 */
export function usePlatformWords(
  texts: Partial<Record<ErrorCode, string>>,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): { readonly message: string; readonly headers: Readonly<Record<string, string>> } {
  const words = texts[code]
  if (words === undefined) return { message, headers: {} }
  return { message: words, headers: noticed.has(code) ? { [noticeHeader]: headerText(message) } : {} }
}

/** Errors whose own message has more details than the platform's text. */
const noticed: ReadonlySet<ErrorCode> = new Set(['unknown_model', 'body_too_large'])
