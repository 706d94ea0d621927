import { combinePatches } from './adapter.ts'
import type { PlatformAdapter } from './adapter.ts'
import { anthropicAdapter } from './anthropic.ts'
import { createCloudReceiver, readAnyError } from './cloud-answer.ts'
import type { ForeignFacts } from './foreign-model.ts'

/**
 * The Messages API of an upstream with foreign models, without the members that its configuration excludes. Local engines
 * have errors of their own forms, in which some clients of the Messages API find no words.
 */
export function createForeignAdapter({ thinking, countTokens }: ForeignFacts): PlatformAdapter {
  const counting: PlatformAdapter = {
    ...anthropicAdapter,
    createReceiver: (inner) =>
      createCloudReceiver(inner, { convertHeaders: (headers) => ({ ...headers }), readError: readAnyError }),
    hasTokenCount: () => countTokens,
  }
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
