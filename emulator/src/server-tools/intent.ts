import type { Hint } from '../tools/hints.ts'
import type { CodeTask } from './code.ts'

/** What a question plainly asks the tools of the service for; empty lists for what it does not. */
export interface ServerToolIntent {
  readonly queries: readonly string[]
  readonly urls: readonly string[]
  readonly tasks: readonly CodeTask[]
}

export function readIntent(question: string, hints: readonly Hint[]): ServerToolIntent {
  const text = question.slice(0, maxLookChars)
  const urls = hints.filter(({ kind }) => kind === 'url').map((hint) => hint.text)
  return {
    queries: searching.test(text) && !notSearching.test(text) ? listQueries(text) : [],
    urls: notFetching.test(text) ? [] : [...new Set(urls)],
    tasks: notRunning.test(text) ? [] : listTasks(text, hints),
  }
}

const maxLookChars = 10_000
const searching =
  /\b(?:search|searches|web_search|look up|look (?:it|this|that|them) up|google|latest|news|online|on the (?:web|internet))\b/i
const notSearching =
  /\b(?:do not|don't|never|without|no need to)\b[^.!?]{0,30}\b(?:search|searching|look|web_search|online)/i
const notFetching = /\b(?:do not|don't|never|without)\b[^.!?]{0,30}\b(?:fetch|open|visit|read)/i
const notRunning =
  /\b(?:do not|don't|never|without)\b[^.!?]{0,30}\b(?:run|running|execute|executing|code|code_execution)\b/i

/** As many as are asked for; a search that is made again has other words, as a model's has. */
function listQueries(text: string): readonly string[] {
  const quoted = [...text.matchAll(/["“]([^"”\n]{1,4000})["”]/g)].map(([, query = '']) => query)
  const queries = quoted.length > 0 ? quoted : [getQuery(text)]
  const times = timesIn(text)
  const count = Math.min(maxSearches, Math.max(queries.length, times))
  return Array.from({ length: count }, (_, index) => {
    const query = queries[index % queries.length] ?? ''
    const turn = Math.floor(index / queries.length)
    return turn === 0 ? query : `${query} ${angles[(turn - 1) % angles.length]} ${turn}`
  })
}

function timesIn(text: string): number {
  const [, before, after] =
    /\b(\d{1,3}) (?:web |different |separate )?searches\b|\bsearch\b[^.!?]{0,60}?\b(\d{1,3}) (?:times|rounds)\b/i.exec(
      text,
    ) ?? []
  return Number(before ?? after ?? 1)
}

const maxSearches = 50
const angles = ['overview', 'facts', 'examples', 'background', 'guide'] as const

/** The words behind the verb, or else the sentence; a query that is empty is none. */
export function getQuery(text: string): string {
  const line = text.slice(0, maxLookChars).replaceAll(/\s+/g, ' ').trim()
  const behind =
    /\b(?:search|searches|look up|google)(?: the (?:web|internet)| online)?(?: \d+ times)?(?: (?:for|about|on))? (.+)/i.exec(
      line,
    )?.[1]
  const query = (behind ?? line).replace(/ \d+ times\b/i, '').replace(/[.?!](?: .*)?$/, '')
  return query === '' ? line || 'example' : query
}

function listTasks(text: string, hints: readonly Hint[]): readonly CodeTask[] {
  const path = hints.find(({ kind }) => kind === 'path')?.text
  const edits = path === undefined ? [] : listEdits(path, text, hints)
  if (edits.length > 0) return edits
  return computing.test(text) || coding.test(text) ? [createTask(text, hints)] : []
}

/** A file is made, then changed, then shown; what this question does not make is not there. */
function listEdits(path: string, text: string, hints: readonly Hint[]): readonly CodeTask[] {
  const quoted = hints.filter(({ kind }) => kind === 'quoted').map((hint) => hint.text)
  const isMade = /\b(?:create|write|save)\b[^.!?]{0,60}\bfile\b/i.test(text)
  const made = isMade ? `${quoted[0] ?? 'Written by the offline stand-in.'}\n` : null
  const [old, fresh] = isMade ? quoted.slice(1) : quoted
  const isChanged = /\b(?:replace|change)\b[^.!?]{0,80}\b(?:with|to|by)\b/i.test(text)
  const change = isChanged && old !== undefined && fresh !== undefined ? { old, new: fresh } : null
  const left = made !== null && change ? made.replace(change.old, () => change.new) : made
  const isShown = isMade
    ? /\b(?:view|show)\b/i.test(text)
    : /\b(?:view|show|open|read)\b[^.!?]{0,60}\bfile\b/i.test(text)
  return [
    ...(made === null ? [] : [{ kind: 'create', path, text: made } as const]),
    ...(change ? [{ kind: 'replace', path, text: made, change } as const] : []),
    ...(isShown ? [{ kind: 'view', path, text: left } as const] : []),
  ]
}

const computing =
  /\b(?:compute|calculate|evaluate|work out|what is|what's|how much is|run|execute)\b[^!?\n]{0,40}(?:\d[\d\s.()]*[-+*/^%×]|`)/i
const coding =
  /\b(?:run|execute|using|use|write and run)\b[^.!?\n]{0,40}\b(?:code|python|script|program|bash|command)\b|\bcode_execution\b/i

/** The code of the question, or a sum that it names; else a remark, for the stand-in writes no programs. */
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
