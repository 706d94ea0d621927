import type { ErrorCode } from '../errors.ts'
import { headerText, noticeHeader } from '../http/headers.ts'

/**
 * What clients of a platform match is said in its words; what a person wants to know besides, such as which
 * name was meant, then stands in the notice.
 */
export function usePlatformWords(
  texts: Partial<Record<ErrorCode, string>>,
  { code, message }: { readonly code: ErrorCode; readonly message: string },
): { readonly message: string; readonly headers: Readonly<Record<string, string>> } {
  const words = texts[code]
  if (words === undefined) return { message, headers: {} }
  return { message: words, headers: noticed.has(code) ? { [noticeHeader]: headerText(message) } : {} }
}

/** The refusals of which our message says more than theirs. */
const noticed: ReadonlySet<ErrorCode> = new Set(['unknown_model', 'body_too_large'])
