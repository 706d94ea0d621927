import type { MessageParam } from './request.ts'
import { noExtraInputs } from './shape.ts'
import type { Problem } from './shape.ts'

/**
 * The block rules of version 2026-10-21 (platform.claude.com, api/versioning, Oct 2026). Their texts are not
 * published; these are inferred from the schema's texts.
 */
export function findVersionProblem(messages: readonly MessageParam[]): Problem | null {
  for (const [index, message] of messages.entries()) {
    const problem = findInMessage(message, index)
    if (problem) return problem
  }
  return null
}

function findInMessage({ role, content }: MessageParam, index: number): Problem | null {
  if (typeof content === 'string') return null
  for (const [position, block] of content.entries()) {
    const path = `messages.${index}.content.${position}`
    if (role === 'assistant' && block.type === 'document')
      return { path: `messages.${index}`, message: '`document` blocks can only be in `user` messages' }
    if (role === 'user' && block.type === 'text' && hasCitations(block))
      return { path: `${path}.text.citations`, message: noExtraInputs }
    if (block.type === 'search_result') {
      const at = block.content.findIndex(hasCitations)
      if (at >= 0)
        return {
          path: `${path}.search_result.content.${at}.citations`,
          message: noExtraInputs,
        }
    }
  }
  return null
}

function hasCitations(block: { readonly citations?: readonly unknown[] | null }): boolean {
  return (block.citations ?? []).length > 0
}
