import type { Citation } from '../messages/content-block.ts'
import type { ConverseCitation } from './request.ts'

/**
 * Translates a citation to Messages; null for a missing location or one without an equivalent in Messages,
 * such as a web page, because Converse does not carry its `encrypted_index`.
 */
export function citationToMessages({
  title,
  source,
  sourceContent,
  location,
}: ConverseCitation): Citation | null {
  const cited_text = (sourceContent ?? []).map(({ text }) => text).join('')
  const { documentChar: char, documentPage: page, documentChunk: chunk } = location ?? {}
  const inDocument = (index = 0) => ({ cited_text, document_index: index, document_title: title ?? null })
  if (char)
    return {
      type: 'char_location',
      ...inDocument(char.documentIndex),
      start_char_index: char.start ?? 0,
      end_char_index: char.end ?? 0,
    }
  if (page)
    return {
      type: 'page_location',
      ...inDocument(page.documentIndex),
      start_page_number: page.start ?? 0,
      end_page_number: page.end ?? 0,
    }
  if (chunk)
    return {
      type: 'content_block_location',
      ...inDocument(chunk.documentIndex),
      start_block_index: chunk.start ?? 0,
      end_block_index: chunk.end ?? 0,
    }
  const found = location?.searchResultLocation
  if (!found) return null
  return {
    type: 'search_result_location',
    cited_text,
    source: source ?? '',
    title: title ?? null,
    search_result_index: found.searchResultIndex ?? 0,
    start_block_index: found.start ?? 0,
    end_block_index: found.end ?? 0,
  }
}

/** Translates a citation to Converse, which has no member for the `file_id` and `encrypted_index` of Messages. */
export function citationToConverse(citation: Citation): ConverseCitation {
  const sourceContent = [{ text: citation.cited_text }]
  if (citation.type === 'search_result_location') {
    const { source, title, search_result_index: searchResultIndex } = citation
    const location = { searchResultIndex, start: citation.start_block_index, end: citation.end_block_index }
    return {
      ...(title !== null && { title }),
      source,
      sourceContent,
      location: { searchResultLocation: location },
    }
  }
  if (citation.type === 'web_search_result_location') {
    const { url, title } = citation
    const domain = URL.canParse(url) ? new URL(url).hostname : undefined
    return {
      ...(title !== null && { title }),
      sourceContent,
      location: { web: { url, ...(domain !== undefined && { domain }) } },
    }
  }
  const { document_title: title, document_index: documentIndex } = citation
  const documentCitation = { ...(title !== null && { title }), sourceContent }
  switch (citation.type) {
    case 'char_location': {
      const documentChar = { documentIndex, start: citation.start_char_index, end: citation.end_char_index }
      return { ...documentCitation, location: { documentChar } }
    }
    case 'page_location': {
      const documentPage = { documentIndex, start: citation.start_page_number, end: citation.end_page_number }
      return { ...documentCitation, location: { documentPage } }
    }
    case 'content_block_location': {
      const documentChunk = {
        documentIndex,
        start: citation.start_block_index,
        end: citation.end_block_index,
      }
      return { ...documentCitation, location: { documentChunk } }
    }
  }
}
