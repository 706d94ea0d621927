import { validation } from './problem.ts'
import type { ConverseProblem } from './problem.ts'

/** The state of a translation from Converse to Messages; the first problem ends it. */
export interface Translation {
  problem: ConverseProblem | null
  readonly notices: string[]
  readonly documentNames: Set<string>
  /** True if a tool was called or has a result, which requires a `toolConfig`. */
  usesTools: boolean
}

export function beginTranslation(notices: readonly string[]): Translation {
  return { problem: null, notices: [...notices], documentNames: new Set(), usesTools: false }
}

/** Records the problem and returns null in place of the value. */
export function fail(translation: Translation, message: string): null {
  translation.problem ??= validation(message)
  return null
}

export function notice(translation: Translation, text: string): void {
  if (!translation.notices.includes(text)) translation.notices.push(text)
}
