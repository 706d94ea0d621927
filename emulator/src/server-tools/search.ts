import type { Citation } from '@anthology/wire'

import { encrypt } from '../thinking/encryption.ts'
import { fakeWeb } from './fake-web.ts'
import type { Page } from './fake-web.ts'
import { allowsUrl } from './domains.ts'
import type { Domains } from './domains.ts'
import { createFailedRound, createRound } from './round.ts'
import type { Round } from './round.ts'
import type { ServerTool } from './server-tool.ts'

/**
 * Searches the built-in pages (docs.claude.com, agents-and-tools/tool-use/web-search-tool). The words that a page shares
 * with the query determine the results and their order.
 */
export function search(query: string, { domains }: ServerTool, seed: string): Round {
  if (query.length > maxQueryLength) return createFailedRound('web_search', { query }, 'query_too_long')
  const pages = findPages(query, domains)
  const results = pages.map((page) => ({
    type: 'web_search_result',
    url: page.url,
    title: page.title,
    encrypted_content: encrypt(page.text, { seed, purpose: 'web_search' }),
    page_age: page.pageAge,
  }))
  const text = pages.length === 0 ? `No results for ${query}` : pages.map(({ title }) => title).join(', ')
  return createRound('web_search', { query }, results, {
    text,
    citations: pages.map((page) => cite(page, seed)),
  })
}

/** Inferred: the length is not documented. */
const maxQueryLength = 1_000
const maxResults = 5

function cite({ url, title, text }: Page, seed: string): Citation {
  const cited = /^[^.]*\./.exec(text)?.[0] ?? text
  const index = encrypt(`${url} 0`, { seed, purpose: 'web_search' })
  return { type: 'web_search_result_location', cited_text: cited, url, title, encrypted_index: index }
}

export function findPages(query: string, domains: Domains): readonly Page[] {
  const words = listWords(query)
  return fakeWeb
    .filter(({ url }) => allowsUrl(domains, url))
    .map((page) => ({ page, score: 3 * countShared(words, page.title) + countShared(words, page.text) }))
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, maxResults)
    .map(({ page }) => page)
}

function countShared(words: ReadonlySet<string>, text: string): number {
  return [...listWords(text)].filter((word) => words.has(word)).length
}

/** Strips a final `s`, a rough singular. */
function listWords(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\d]{2,}/gu) ?? []
  return new Set(words.filter((word) => !stopWords.has(word)).map((word) => word.replace(/(?<=..)s$/, '')))
}

const stopWords: ReadonlySet<string> = new Set(
  'the and are was were what which who how why when where does did for from with that this has have you your about into its it is in on of to an at by as me my do can search web look latest times find up out'.split(
    ' ',
  ),
)
