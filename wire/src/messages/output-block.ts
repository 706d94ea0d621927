import { isRecord } from '../body/json-value.ts'
import { inputBlock } from './block-shapes.ts'
import { findProblem, noExtraInputs } from './shape.ts'
import type { Problem } from './shape.ts'

/**
 * Finds the first reason why a block cannot be part of an answer; null if there is none. A client sends the blocks of an
 * answer back unchanged, so they have the shapes of a request's blocks, but without `cache_control`. A type that this
 * version does not know is accepted, because later versions of the API add types.
 */
export function findOutputBlockProblem(block: unknown): Problem | null {
  const type = isRecord(block) ? block['type'] : undefined
  if (!isRecord(block) || typeof type !== 'string') return findProblem(block, inputBlock)
  if (requestOnly.has(type))
    return { path: 'type', message: `a block of type '${type}' is part of a request, never of an answer` }
  if (!Object.hasOwn(inputBlock.cases, type)) return null
  const problem = findProblem(block, inputBlock)
  if (problem !== null || !Object.hasOwn(block, 'cache_control')) return problem
  return { path: `${type}.cache_control`, message: noExtraInputs }
}

const requestOnly: ReadonlySet<string> = new Set([
  'image',
  'document',
  'search_result',
  'tool_result',
  'tool_reference',
  'tool_addition',
  'tool_removal',
  'browser_state',
])
