import type { Citation } from '@anthology/wire'

import { seal } from '../thinking/encryption.ts'
import { corpus } from './fake-web.ts'
import type { Page } from './fake-web.ts'
import { allowsUrl } from './domains.ts'
import type { Domains } from './domains.ts'
import { failedRound, roundOf } from './round.ts'
import type { Round } from './round.ts'
import type { ServerTool } from './server-tool.ts'

/**
 * A search of the built-in pages (docs.claude.com, agents-and-tools/tool-use/web-search-tool). Results and their
 * order go by the words that a page shares with the query.
 */
export function search(query: string, { domains }: ServerTool, seed: string): Round {
  if (query.length > longestQuery) return failedRound('web_search', { query }, 'query_too_long')
  const pages = findPages(query, domains)
  const results = pages.map((page) => ({
    type: 'web_search_result',
    url: page.url,
    title: page.title,
    encrypted_content: seal(page.text, { seed, purpose: 'web_search' }),
    page_age: page.pageAge,
  }))
  const text = pages.length === 0 ? `Nothing found for ${query}` : pages.map(({ title }) => title).join(', ')
  return roundOf('web_search', { query }, results, { text, citations: pages.map((page) => cite(page, seed)) })
}

/** Inferred: the length is not documented. */
const longestQuery = 1_000
const mostResults = 5

function cite({ url, title, text }: Page, seed: string): Citation {
  const cited = /^[^.]*\./.exec(text)?.[0] ?? text
  const index = seal(`${url} 0`, { seed, purpose: 'web_search' })
  return { type: 'web_search_result_location', cited_text: cited, url, title, encrypted_index: index }
}

export function findPages(query: string, domains: Domains): readonly Page[] {
  const words = wordsOf(query)
  return corpus
    .filter(({ url }) => allowsUrl(domains, url))
    .map((page) => ({ page, score: 3 * shared(words, page.title) + shared(words, page.text) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, mostResults)
    .map(({ page }) => page)
}

function shared(words: ReadonlySet<string>, text: string): number {
  return [...wordsOf(text)].filter((word) => words.has(word)).length
}

/** In the singular, roughly. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\d]{2,}/gu) ?? []
  return new Set(words.filter((word) => !idle.has(word)).map((word) => word.replace(/(?<=..)s$/, '')))
}

const idle: ReadonlySet<string> = new Set(
  'the and are was were what which who how why when where does did for from with that this has have you your about into its it is in on of to an at by as me my do can search web look latest times find up out'.split(
    ' ',
  ),
)
