import type { Citation } from '@anthology/wire'

import type { TextTokenizer } from '@anthology/catalog'
import { fakeWeb } from './fake-web.ts'
import { allowsUrl } from './domains.ts'
import { createFailedRound, createRound } from './round.ts'
import type { Round } from './round.ts'
import type { ServerTool } from './server-tool.ts'

/** Fetches a built-in page (docs.claude.com, agents-and-tools/tool-use/web-fetch-tool); no other page is accessible. */
export function fetchPage(
  url: string,
  tool: ServerTool,
  { retrievedAt, documentIndex, tokenizer }: FetchOptions,
): Round {
  const fail = (code: string): Round => createFailedRound('web_fetch', { url }, code)
  if (url.length > maxUrlLength) return fail('url_too_long')
  if (!URL.canParse(url)) return fail('invalid_tool_input')
  if (!allowsUrl(tool.domains, url)) return fail('url_not_allowed')
  const page = fakeWeb.find((one) => one.url === new URL(url).href)
  if (!page)
    return fail(otherMedia.test(new URL(url).pathname) ? 'unsupported_content_type' : 'url_not_accessible')

  const { title } = page
  const data = Number.isFinite(tool.maxContentTokens)
    ? tokenizer.split(page.text).slice(0, tool.maxContentTokens).join('')
    : page.text
  const source = { type: 'text', media_type: 'text/plain', data }
  const citations = tool.isCited && { citations: { enabled: true } }
  const content = { type: 'document', source, title, ...citations }
  const result = { type: 'web_fetch_result', url, content, retrieved_at: retrievedAt }
  const cited = tool.isCited ? [cite(data, title, documentIndex)] : []
  return createRound('web_fetch', { url }, result, { text: data, citations: cited })
}

interface FetchOptions {
  readonly retrievedAt: string
  /** The number of documents before the page in the conversation. */
  readonly documentIndex: number
  readonly tokenizer: TextTokenizer
}

/** Uncertain: from memory of the tool's page, not checked again. */
const maxUrlLength = 250

/** Only text and PDF are supported. */
const otherMedia = /\.(?:png|jpe?g|gif|webp|svg|mp[34]|zip|gz|exe)$/i

function cite(text: string, title: string, index: number): Citation {
  const cited = /^[^.]*\.?/.exec(text)?.[0] ?? text
  const place = { document_index: index, document_title: title, file_id: null }
  return {
    type: 'char_location',
    cited_text: cited,
    ...place,
    start_char_index: 0,
    end_char_index: cited.length,
  }
}
