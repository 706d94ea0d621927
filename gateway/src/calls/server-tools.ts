import { readFacts } from '@anthology/catalog'
import { parseMember } from '@anthology/wire'

import type { Call } from './call.ts'

/**
 * Lists the types of a request's tools if one may be of a kind that some platforms lack. Tools can be long, so they are
 * parsed only after a search for the names of such kinds, which few requests contain.
 */
export function listServerTools({ body, index }: Pick<Call, 'body' | 'index'>): readonly string[] {
  const member = index.get('tools')
  if (member === undefined) return []
  const tools = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start)
  if (!kinds.some((kind) => tools.includes(kind))) return []
  return readFacts({ tools: parseMember(body, member) }, {}, { sized: false }).tool_types ?? []
}

/** Parts of the types of tools that run at the service, and of its toolsets ("Features overview", August 2026). */
const kinds = [
  '"web_search_',
  '"web_fetch_',
  '"code_execution_',
  '"mcp_toolset',
  '"advisor_',
  '_toolset_',
] as const
