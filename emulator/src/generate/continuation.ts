import { createRandom } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import { createAnswer } from './text.ts'

/**
 * What is still to be said after the prompt's prefill. Where the prefill is the beginning of the
 * answer, as when a client takes up one that broke off, the answer goes on to the letter;
 * where it is not, the stand-in goes on from the client's words. `answer` makes the same answer again.
 */
export function* continueAnswer(
  prompt: Prompt,
  modelName: string,
  answer: () => Iterable<string> = () => createAnswer(prompt, modelName),
): Generator<string> {
  let awaited = prompt.prefill
  for (const part of answer()) {
    if (part.startsWith(awaited)) {
      yield part.slice(awaited.length)
      awaited = ''
    } else if (awaited.startsWith(part)) awaited = awaited.slice(part.length)
    else {
      yield* goOnFrom(prompt, modelName, answer)
      return
    }
  }
  if (awaited !== '') yield* goOnFrom(prompt, modelName, answer)
}

function* goOnFrom(prompt: Prompt, modelName: string, answer: () => Iterable<string>): Generator<string> {
  const json = completeJson(prompt.prefill, `offline stand-in for ${modelName}`)
  if (json !== null) {
    yield json
    return
  }
  if (!/[.!?:…]["')”’]?$/.test(prompt.prefill)) {
    const clause = createRandom(prompt.fingerprint).pick(clauses)
    yield clause.replaceAll('{model}', modelName)
  }
  for (const [index, part] of [...answer()].entries()) yield index === 0 ? ` ${part}` : part
}

/** Each turns an unfinished sentence into a finished one. */
const clauses = [
  ', and there the offline stand-in takes over from you.',
  ' ... which is as far as a stand-in can follow.',
  ', or so the real {model} might have gone on.',
] as const

/** Closes JSON that was left open, with `text` for the value it lacks; null for what is not JSON. */
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
  return missingPart({ last, isInString, isKey, isInObject: open.at(-1) === '{' }, value) + closing(open)
}

interface OpenEnd {
  readonly last: string
  readonly isInString: boolean
  readonly isKey: boolean
  readonly isInObject: boolean
}

function missingPart({ last, isInString, isKey, isInObject }: OpenEnd, value: string): string {
  if (isInString) return isKey ? `": ${value}` : value.slice(1)
  if (last === '"') return isKey ? `: ${value}` : ''
  if (last === ':' || last === '[') return value
  if (last === '{') return `"note": ${value}`
  if (last === ',') return isInObject ? `"note": ${value}` : value
  return ''
}

function closing(open: readonly ('{' | '[')[]): string {
  return open
    .map((bracket) => (bracket === '{' ? '}' : ']'))
    .toReversed()
    .join('')
}
