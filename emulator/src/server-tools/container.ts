import { createRandom, computeFingerprint, createIdLetters } from '../random.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import type { Completion } from '../generate/completion.ts'

/** The container in which code was executed (types of SDK 1.12). */
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
 * Returns the container that the request names, or else one derived from the request. Neither stores anything, and no
 * skill is loaded. A container expires after thirty days (docs.claude.com,
 * agents-and-tools/tool-use/code-execution-tool).
 */
export function createContainer({ request, prompt }: ValidRequest, nowMs: number): Container {
  const { container } = request
  const named = typeof container === 'string' ? container : container?.id
  const expires_at = new Date(nowMs + lifetimeMs).toISOString()
  return { id: named ?? createContainerId(prompt.fingerprint), expires_at, skills: null }
}

const lifetimeMs = 30 * 24 * 60 * 60 * 1_000
/** Same form as the API's other ids; the form of container ids is not published. */
function createContainerId(fingerprint: string): string {
  return `container_01${createIdLetters(22, createRandom(computeFingerprint(fingerprint, 'container')))}`
}
