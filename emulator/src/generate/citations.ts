import type { Citation, InputBlock, MessageParam } from '@anthology/wire'

import type { TextBlock } from './completion.ts'
import type { TextTokenizer } from '@anthology/catalog'

type DocumentBlock = Extract<InputBlock, { type: 'document' }>
type SearchResultBlock = Extract<InputBlock, { type: 'search_result' }>

/**
 * Creates sentences that quote the documents and search results with citations enabled, each with its location
 * (docs.claude.com, build-with-claude/citations and search-results, Nov 2025). PDFs and files are not cited, because
 * their text is not read.
 */
export function createCitations(
  messages: readonly MessageParam[],
  question: string,
  tokenizer: TextTokenizer,
): readonly TextBlock[] {
  const blocks = messages.flatMap(({ content }) => listBlocks(content))
  const documents = blocks.filter((block) => block.type === 'document')
  const results = blocks.filter((block) => block.type === 'search_result')
  if (![...documents, ...results].some(({ citations }) => citations?.enabled === true)) return []
  const words = listWords(question)
  const citations = [
    ...documents.map((block, index) => citeDocument(block, index, words)),
    ...results.map((block, index) => citeResult(block, index, words)),
  ]
  return citations
    .filter((citation) => citation !== null)
    .slice(0, maxCitations)
    .map((citation) => ({ kind: 'text', chunks: tokenizer.split(describe(citation)), citations: [citation] }))
}

const maxCitations = 5

/** Includes the documents and search results inside tool results. */
function listBlocks(content: MessageParam['content']): readonly InputBlock[] {
  if (typeof content === 'string') return []
  return content.flatMap((block): readonly InputBlock[] => {
    if (block.type !== 'tool_result' || typeof block.content === 'string') return [block]
    return block.content ?? []
  })
}

function describe(citation: Citation): string {
  const title = 'document_title' in citation ? citation.document_title : citation.title
  return `\n\nAccording to ${title === null ? 'the document' : `“${title}”`}: ${citation.cited_text.trim()}`
}

function citeDocument(block: DocumentBlock, index: number, words: ReadonlySet<string>): Citation | null {
  if (block.citations?.enabled !== true) return null
  const { source, title = null } = block
  const place = { document_index: index, document_title: title, file_id: null }
  if (source.type === 'text') {
    const found = findBest(listSentences(source.data), words)
    if (!found) return null
    const { text, start } = found
    const end = start + text.length
    return { type: 'char_location', cited_text: text, ...place, start_char_index: start, end_char_index: end }
  }
  if (source.type !== 'content') return null
  const parts = typeof source.content === 'string' ? [source.content] : source.content.map(getText)
  const found = findBest(listParts(parts), words)
  if (!found) return null
  const { text, start } = found
  return {
    type: 'content_block_location',
    cited_text: text,
    ...place,
    start_block_index: start,
    end_block_index: start + 1,
  }
}

function citeResult(block: SearchResultBlock, index: number, words: ReadonlySet<string>): Citation | null {
  const { source, title } = block
  const found =
    block.citations?.enabled === true ? findBest(listParts(block.content.map(getText)), words) : null
  return (
    found && {
      type: 'search_result_location',
      cited_text: found.text,
      source,
      title,
      search_result_index: index,
      start_block_index: found.start,
      end_block_index: found.start + 1,
    }
  )
}

/** A text that can be cited. */
interface Passage {
  readonly text: string
  /** The index of its first character, or of its block. */
  readonly start: number
}

/** Returns the passage that shares the most words with the question, the first of equals. */
function findBest(passages: readonly Passage[], words: ReadonlySet<string>): Passage | null {
  let best: Passage | null = null
  let maxShared = -1
  for (const passage of passages) {
    const shared = [...listWords(passage.text)].filter((word) => words.has(word)).length
    if (shared > maxShared) [best, maxShared] = [passage, shared]
  }
  return best
}

function listSentences(text: string): readonly Passage[] {
  const sentences = text.slice(0, maxScannedChars).matchAll(/\S[^.!?\n]*[.!?]*/g)
  return Array.from(sentences, ({ 0: sentence, index }) => ({ text: sentence, start: index }))
}

const maxScannedChars = 20_000

function listParts(texts: readonly string[]): readonly Passage[] {
  return texts.map((text, start) => ({ text, start })).filter(({ text }) => text.trim() !== '')
}

function getText(block: { readonly type: string; readonly text?: string }): string {
  return block.text ?? ''
}

function listWords(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/\p{L}{3,}/gu) ?? []
  return new Set(words.filter((word) => !stopWords.has(word)))
}

const stopWords: ReadonlySet<string> = new Set(
  'the and are was were what which who how why when where does did for from with that this has have you your'.split(
    ' ',
  ),
)
