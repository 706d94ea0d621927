import type { Hint } from '../tools/hints.ts'
import type { CodeTask } from './code.ts'

/** The uses of server tools that a question clearly requests; a list is empty if there are none. */
export interface ServerToolIntent {
  readonly queries: readonly string[]
  readonly urls: readonly string[]
  readonly tasks: readonly CodeTask[]
}

export function readIntent(question: string, hints: readonly Hint[]): ServerToolIntent {
  const text = question.slice(0, maxScannedChars)
  const urls = hints.filter(({ kind }) => kind === 'url').map((hint) => hint.text)
  return {
    queries: searching.test(text) && !notSearching.test(text) ? listQueries(text) : [],
    urls: notFetching.test(text) ? [] : [...new Set(urls)],
    tasks: notRunning.test(text) ? [] : listTasks(text, hints),
  }
}

const maxScannedChars = 10_000
const searching =
  /\b(?:search|searches|web_search|look up|look (?:it|this|that|them) up|google|latest|news|online|on the (?:web|internet))\b/i
const notSearching =
  /\b(?:do not|don't|never|without|no need to)\b[^.!?]{0,30}\b(?:search|searching|look|web_search|online)/i
const notFetching = /\b(?:do not|don't|never|without)\b[^.!?]{0,30}\b(?:fetch|open|visit|read)/i
const notRunning =
  /\b(?:do not|don't|never|without)\b[^.!?]{0,30}\b(?:run|running|execute|executing|code|code_execution)\b/i

/** Lists the requested number of queries; a repeated search gets other words, as a model would choose. */
function listQueries(text: string): readonly string[] {
  const quoted = [...text.matchAll(/["“]([^"”\n]{1,4000})["”]/g)].map(([, query = '']) => query)
  const queries = quoted.length > 0 ? quoted : [getQuery(text)]
  const repeatCount = readRepeatCount(text)
  const count = Math.min(maxSearches, Math.max(queries.length, repeatCount))
  return Array.from({ length: count }, (_, index) => {
    const query = queries[index % queries.length] ?? ''
    const turn = Math.floor(index / queries.length)
    return turn === 0 ? query : `${query} ${variations[(turn - 1) % variations.length]} ${turn}`
  })
}

function readRepeatCount(text: string): number {
  const [, before, after] =
    /\b(\d{1,3}) (?:web |different |separate )?searches\b|\bsearch\b[^.!?]{0,60}?\b(\d{1,3}) (?:times|rounds)\b/i.exec(
      text,
    ) ?? []
  return Number(before ?? after ?? 1)
}

const maxSearches = 50
const variations = ['overview', 'facts', 'examples', 'background', 'guide'] as const

/** Returns the words after the verb, or else the whole line; never an empty query. */
export function getQuery(text: string): string {
  const line = text.slice(0, maxScannedChars).replaceAll(/\s+/g, ' ').trim()
  const afterVerb =
    /\b(?:search|searches|look up|google)(?: the (?:web|internet)| online)?(?: \d+ times)?(?: (?:for|about|on))? (.+)/i.exec(
      line,
    )?.[1]
  const query = (afterVerb ?? line).replace(/ \d+ times\b/i, '').replace(/[.?!](?: .*)?$/, '')
  return query === '' ? line || 'example' : query
}

function listTasks(text: string, hints: readonly Hint[]): readonly CodeTask[] {
  const path = hints.find(({ kind }) => kind === 'path')?.text
  const edits = path === undefined ? [] : listEdits(path, text, hints)
  if (edits.length > 0) return edits
  return computing.test(text) || coding.test(text) ? [createTask(text, hints)] : []
}

/** Lists the edits of a file in the order create, replace, view; a file that the question does not create does not exist. */
function listEdits(path: string, text: string, hints: readonly Hint[]): readonly CodeTask[] {
  const quoted = hints.filter(({ kind }) => kind === 'quoted').map((hint) => hint.text)
  const isMade = /\b(?:create|write|save)\b[^.!?]{0,60}\bfile\b/i.test(text)
  const made = isMade ? `${quoted[0] ?? 'Sample text.'}\n` : null
  const [old, fresh] = isMade ? quoted.slice(1) : quoted
  const isChanged = /\b(?:replace|change)\b[^.!?]{0,80}\b(?:with|to|by)\b/i.test(text)
  const change = isChanged && old !== undefined && fresh !== undefined ? { old, new: fresh } : null
  const edited = made !== null && change ? made.replace(change.old, () => change.new) : made
  const isShown = isMade
    ? /\b(?:view|show)\b/i.test(text)
    : /\b(?:view|show|open|read)\b[^.!?]{0,60}\bfile\b/i.test(text)
  return [
    ...(made === null ? [] : [{ kind: 'create', path, text: made } as const]),
    ...(change ? [{ kind: 'replace', path, text: made, change } as const] : []),
    ...(isShown ? [{ kind: 'view', path, text: edited } as const] : []),
  ]
}

const computing =
  /\b(?:compute|calculate|evaluate|work out|what is|what's|how much is|run|execute)\b[^!?\n]{0,40}(?:\d[\d\s.()]*[-+*/^%×]|`)/i
const coding =
  /\b(?:run|execute|using|use|write and run)\b[^.!?\n]{0,40}\b(?:code|python|script|program|bash|command)\b|\bcode_execution\b/i

/** Returns the code or the expression in the question; else a comment, because the emulator writes no programs. */
export function createTask(text: string, hints: readonly Hint[]): CodeTask {
  const fenced = /```\w*\n([^]*?)```/.exec(text)?.[1]?.trim()
  const code = fenced ?? hints.find(({ kind }) => kind === 'code')?.text
  if (code !== undefined) {
    const isBash =
      /\b(?:bash|shell|command)\b/i.test(text) || /^(?:ls|pwd|echo|cat|pip|mkdir|cd)\b/.test(code)
    return isBash ? { kind: 'bash', command: code } : { kind: 'python', code }
  }
  const sum = hints.find(({ kind }) => kind === 'expression')?.text.replaceAll('^', '**')
  if (sum !== undefined) return { kind: 'python', code: `print(${sum.replaceAll(/\s+/g, ' ')})` }
  const remark = text.replaceAll(/\s+/g, ' ').trim().slice(0, 100)
  return { kind: 'python', code: `# ${remark}` }
}
