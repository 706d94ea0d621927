import type { Problem } from '../messages/shape.ts'
import type { ExactTexts } from './exact-texts.ts'

export type JsonBody = Readonly<Record<string, unknown>>

/** The state of a translation from a chat to a Messages request; the first problem ends it. */
export interface Translation {
  problem: Problem | null
  readonly texts: ExactTexts
  /** The number of values in the arguments of calls so far. */
  argumentValues: number
  /** The names of members and parts without effect. */
  readonly ignored: Set<string>
  /** Sentences about everything else that was changed. */
  readonly notices: Set<string>
}

export function beginTranslation(texts: ExactTexts): Translation {
  return { problem: null, texts, argumentValues: 0, ignored: new Set(), notices: new Set() }
}

/** Records the problem and returns null in place of the value. */
export function fail(translation: Translation, path: string, message: string): null {
  translation.problem ??= { path, message }
  return null
}

export function ignore(translation: Translation, name: string): void {
  if (translation.ignored.size < maxIgnored) translation.ignored.add(name.slice(0, maxEchoLength))
}

export function notice(translation: Translation, text: string): void {
  translation.notices.add(text)
}

/** Every change, as sentences for the notice header. */
export function listNotices({ ignored, notices }: Translation): readonly string[] {
  const names = [...ignored]
  return names.length === 0
    ? [...notices]
    : [`without effect on this endpoint: ${names.join(', ')}`, ...notices]
}

/** The maximum number of ignored names that are listed. */
const maxIgnored = 20

/** The maximum length of a client's name in an error message or a notice. */
export const maxEchoLength = 100

export function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null
}

/** An object with the member, or an empty one if the value is null or undefined. */
export function given(name: string, value: unknown): JsonBody {
  return isGiven(value) ? { [name]: value } : {}
}
