import type { Place } from '../find/scan-file.ts'
import type { Name } from '../names/name.ts'
import { scanNames } from '../names/scan-names.ts'
import { listEnclosing } from '../syntax/enclosing.ts'

/**
 * `--fallback-model `, `"--fallback-model", "`, `fallbackModel: "`, `fallback_model="`, before the name; also with other
 * fallbacks between, which Claude Code takes as a list with commas and as an array.
 */
const fallbackBefore =
  /(?:--fallback-model["']?[\s\\,=]+|\bfallback_?model["']?\s*[:=]\s*\[?\s*)(?:["'`]?[\w./:@-]+["'`]?,\s*)*["'`]?(?:[\w-]+\/)*$/i

/** The same for the model that is asked first. */
const mainBefore = /(?:--model["']?[\s\\,=]+|(?<![\w-])model["']?\s*[:=]\s*)["'`]?(?:[\w-]+\/)*$/i

/** Text that can stand between an option and its model. */
const maxOptionLength = 120

/** For the fallback model of a command or an object, the name of the model before it; null: it is no fallback. */
export function findMainName({ name, segment: { source } }: Place): Name | null {
  const { text } = source
  if (!fallbackBefore.test(text.slice(Math.max(0, name.start - maxOptionLength), name.start))) return null
  const group = listEnclosing(source, name.start).find(({ kind }) => kind !== '[')
  const isInBrackets = group !== undefined && group.kind !== 'section'
  const { start, end } = isInBrackets ? group : findCommand(text, name.start)
  const part = text.slice(start, end)
  const isMain = (each: Name): boolean =>
    mainBefore.test(part.slice(Math.max(0, each.start - maxOptionLength), each.start))
  return scanNames(part).find(isMain) ?? null
}

/** The line at an offset, with the lines that a backslash joins to it. */
function findCommand(text: string, offset: number): { readonly start: number; readonly end: number } {
  let start = text.lastIndexOf('\n', offset - 1) + 1
  while (start > 0 && /\\\r?\n$/.test(text.slice(Math.max(0, start - 3), start)))
    start = text.lastIndexOf('\n', start - 2) + 1
  const rest = /^(?:[^\n]*\\\r?\n)*[^\n]*/.exec(text.slice(offset))?.[0].length ?? 0
  return { start, end: offset + rest }
}
