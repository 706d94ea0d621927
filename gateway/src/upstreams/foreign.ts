import { combinePatches } from './adapter.ts'
import type { PlatformAdapter } from './adapter.ts'
import { anthropicAdapter } from './anthropic.ts'
import type { ForeignFacts } from './foreign-model.ts'

/** The Messages API of an upstream with foreign models, without the members that its configuration excludes. */
export function createForeignAdapter({ thinking, countTokens }: ForeignFacts): PlatformAdapter {
  const counting = { ...anthropicAdapter, hasTokenCount: () => countTokens }
  if (thinking) return counting
  return {
    ...counting,
    createRequest: (call) => {
      const request = anthropicAdapter.createRequest(call)
      const removed = thinkingMembers.filter((member) => call.index.get(member) !== undefined)
      const patches = removed.map((member) => ({ splice: 'foreign_member', kind: 'remove', member }) as const)
      const notices = removed.map((member) => `${call.modelName} has no thinking, so ${member} was left out`)
      return { ...request, patches: combinePatches(request.patches, patches), notices }
    },
  }
}

/** `context_management` of Claude Code clears thinking, so it has no use without it. */
const thinkingMembers = ['thinking', 'context_management'] as const
