import type { Prompt } from '../message/prompt.ts'
import { createAnswer } from './text.ts'

/**
 * Continues the answer after the prompt's prefill. If the prefill is the start of the answer, as when a client continues
 * a truncated one, the rest of the answer follows exactly; otherwise the answer continues the client's words. `answer`
 * returns the same text each time.
 */
export function* continueAnswer(
  prompt: Prompt,
  modelName: string,
  answer: () => Iterable<string> = () => createAnswer(prompt, modelName),
): Generator<string> {
  let unmatched = prompt.prefill
  for (const part of answer()) {
    if (part.startsWith(unmatched)) {
      yield part.slice(unmatched.length)
      unmatched = ''
    } else if (unmatched.startsWith(part)) unmatched = unmatched.slice(part.length)
    else {
      yield* continueFrom(prompt, modelName, answer)
      return
    }
  }
  if (unmatched !== '') yield* continueFrom(prompt, modelName, answer)
}

function* continueFrom(prompt: Prompt, modelName: string, answer: () => Iterable<string>): Generator<string> {
  const json = completeJson(prompt.prefill, `offline emulator of ${modelName}`)
  if (json !== null) {
    yield json
    return
  }
  // This ends a sentence that was left open, whatever its words.
  if (!/[.!?:…]["')”’]?$/.test(prompt.prefill))
    yield ` ... (continued by the offline emulator of ${modelName}).`
  for (const [index, part] of [...answer()].entries()) yield index === 0 ? ` ${part}` : part
}

/** Completes JSON that was left open, with `text` as its missing value; null if the prefill is not JSON. */
function completeJson(prefill: string, text: string): string | null {
  if (!/^\s*[{[]/.test(prefill)) return null
  const open: ('{' | '[')[] = []
  let last = ''
  let isInString = false
  let isKey = false
  for (let at = 0; at < prefill.length; at += 1) {
    const character = prefill[at] ?? ''
    if (isInString) {
      if (character === '\\') at += 1
      else if (character === '"') isInString = false
      continue
    }
    if (/\s/.test(character)) continue
    if (character === '"') {
      isInString = true
      isKey = open.at(-1) === '{' && last !== ':'
    } else if (character === '{' || character === '[') open.push(character)
    else if (character === '}' || character === ']') open.pop()
    last = character
  }
  if (open.length === 0) return null
  const value = JSON.stringify(text)
  return (
    createMissingPart({ last, isInString, isKey, isInObject: open.at(-1) === '{' }, value) +
    closeBrackets(open)
  )
}

interface OpenEnd {
  readonly last: string
  readonly isInString: boolean
  readonly isKey: boolean
  readonly isInObject: boolean
}

function createMissingPart({ last, isInString, isKey, isInObject }: OpenEnd, value: string): string {
  if (isInString) return isKey ? `": ${value}` : value.slice(1)
  if (last === '"') return isKey ? `: ${value}` : ''
  if (last === ':' || last === '[') return value
  if (last === '{') return `"note": ${value}`
  if (last === ',') return isInObject ? `"note": ${value}` : value
  return ''
}

function closeBrackets(open: readonly ('{' | '[')[]): string {
  return open
    .map((bracket) => (bracket === '{' ? '}' : ']'))
    .toReversed()
    .join('')
}
