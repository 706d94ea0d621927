import { validation } from './problem.ts'
import type { ConverseProblem } from './problem.ts'

/** What a translation gathers on its way; the first problem ends it. */
export interface Translation {
  problem: ConverseProblem | null
  readonly notices: string[]
  readonly documentNames: Set<string>
  /** Whether a tool was called or answered, which takes a `toolConfig`. */
  usesTools: boolean
}

export function beginTranslation(notices: readonly string[]): Translation {
  return { problem: null, notices: [...notices], documentNames: new Set(), usesTools: false }
}

/** Notes the problem, and gives the nothing that stands where the value would. */
export function fail(translation: Translation, message: string): null {
  translation.problem ??= validation(message)
  return null
}

export function notice(translation: Translation, text: string): void {
  if (!translation.notices.includes(text)) translation.notices.push(text)
}
