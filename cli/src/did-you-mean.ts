import { UsageError } from './command.ts'
import type { CommandEntry } from './command.ts'

/** The error for a command or a flag in its place that does not exist. */
export async function createUnknownCommandError(
  name: string,
  known: readonly CommandEntry[],
): Promise<UsageError> {
  const names = known.map((entry) => entry.name)
  const message = name.startsWith('-') ? `unknown option ${name}` : `unknown command ${JSON.stringify(name)}`
  return new UsageError(message, `${await didYouMean(name, names)}See anthology --help for all commands.`)
}

/** A question about the most similar name, with a blank at its end; empty if there is none. */
export async function didYouMean(typed: string, known: readonly string[]): Promise<string> {
  // The catalog is large, and only errors need it here.
  const { measureEdits } = await import('@anthology/catalog')
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const scored = known.map((name) => ({ name, edits: measureEdits(typed.slice(0, 64), name, limit) }))
  const best = scored.toSorted((left, right) => left.edits - right.edits)[0]
  return best === undefined || best.edits > limit ? '' : `Did you mean ${best.name}? `
}
