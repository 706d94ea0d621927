import { createRandom, computeFingerprint, idLetters } from '../random.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import type { Completion } from '../generate/completion.ts'

/** Where the service executed code (types of SDK 1.12). */
export interface Container {
  readonly id: string
  readonly expires_at: string
  readonly skills: null
}

export function usesCode({ blocks }: Completion): boolean {
  return blocks.some(
    (block) => block.kind === 'whole' && block.block.type.endsWith('code_execution_tool_result'),
  )
}

/**
 * The container that the request names, or else one that goes with it; nothing is kept in either, and no skill is
 * loaded. It lives for thirty days (docs.claude.com, agents-and-tools/tool-use/code-execution-tool).
 */
export function createContainer({ request, prompt }: ValidRequest, nowMs: number): Container {
  const { container } = request
  const named = typeof container === 'string' ? container : container?.id
  const expires_at = new Date(nowMs + lifetimeMs).toISOString()
  return { id: named ?? containerId(prompt.fingerprint), expires_at, skills: null }
}

const lifetimeMs = 30 * 24 * 60 * 60 * 1_000
/** In the look of the service's other ids; its own are not published. */
function containerId(fingerprint: string): string {
  return `container_01${idLetters(22, createRandom(computeFingerprint(fingerprint, 'container')))}`
}
