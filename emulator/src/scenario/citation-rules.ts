import { isRecord } from '@anthology/wire'
import type { Citation } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import type { ReplyPart } from './reply-part.ts'

/** Finds a citation of something that the model has not seen, and the member that it stands in. */
export function findCitationProblem(
  part: ReplyPart,
  before: readonly ReplyPart[],
  { request, model }: ValidRequest,
): { readonly path: string; readonly message: string } | null {
  if (part.kind !== 'text' || part.citations === null || part.citations.length === 0) return null
  const { path, citations } = part
  if (!model.behaviour.citations) return { path, message: `${model.id} has no citations` }
  if (request.output_config?.format || request.output_format)
    return { path, message: 'an answer has no citations where output_config.format requires JSON' }
  // Results of server tools earlier in the answer are sources as well.
  const sources = [request.messages, before.map((one) => (one.kind === 'whole' ? one.block : null))]
  for (const [index, citation] of citations.entries()) {
    const { type, number } = readSource(citation)
    const count = type === null ? number + 1 : countBlocks(sources, type)
    if (number >= count)
      return {
        path: `${path}.citations.${index}`,
        message: `cites the ${type} with index ${number}, but the model has seen ${count}`,
      }
  }
  return null
}

/** The type and the index of the cited block; a null type: results of searches have no index. */
function readSource(citation: Citation): { readonly type: string | null; readonly number: number } {
  switch (citation.type) {
    case 'char_location':
    case 'page_location':
    case 'content_block_location':
      return { type: 'document', number: citation.document_index }
    case 'search_result_location':
      return { type: 'search_result', number: citation.search_result_index }
    case 'web_search_result_location':
      return { type: null, number: 0 }
  }
}

/** Counts the blocks of a type at any depth; such a block contains no other one. */
function countBlocks(values: readonly unknown[], type: string): number {
  const open: unknown[] = [...values]
  let found = 0
  while (open.length > 0) {
    const next = open.pop()
    if (isRecord(next) && next['type'] === type) found += 1
    else if (typeof next === 'object' && next !== null)
      for (const member of Object.values(next)) open.push(member)
  }
  return found
}
