import { hasRefusalStop } from '../generate/refusal.ts'
import { namesOverflow } from '../generate/output-limit.ts'
import type { Completion } from '../generate/completion.ts'
import { stopDetailsSince } from '../message/stop-details.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { listOfferedTools } from '../tools/offered-tools.ts'
import type { AnswerProblem } from './answer-rules.ts'
import type { ScriptedReply, ScriptedStopReason } from './scenario.ts'

/** Returns the stop reason that a reply asks for; null if it follows from its blocks. */
export function getStop({ refusal, stop_reason: stopReason }: ScriptedReply): ScriptedStopReason | null {
  return refusal === undefined ? (stopReason ?? null) : 'refusal'
}

/** Finds why an answer of this model to this request cannot end as the reply wants it. */
export function findStopProblem(
  reply: ScriptedReply,
  { request, model, betas, day }: ValidRequest,
): AnswerProblem | null {
  const fail = (message: string, path = 'stop_reason'): AnswerProblem => ({ path, message })
  switch (getStop(reply)) {
    case 'refusal': {
      const path = reply.refusal === undefined ? 'stop_reason' : 'refusal'
      if (!hasRefusalStop(model))
        return fail(`${model.id} has no refusal; models since Claude 4 have it`, path)
      return typeof reply.refusal === 'object' && day < stopDetailsSince
        ? fail(
            `${model.id} answers as on ${day}, and answers have stop_details since ${stopDetailsSince}`,
            path,
          )
        : null
    }
    case 'stop_sequence': {
      const sequences = request.stop_sequences ?? []
      if (sequences.length === 0) return fail('the request has no stop_sequences')
      const wanted = reply.stop_sequence
      return wanted === undefined || sequences.includes(wanted)
        ? null
        : fail(`${JSON.stringify(wanted)} is not one of the request's stop_sequences`, 'stop_sequence')
    }
    case 'pause_turn':
      return hasServerTools(request)
        ? null
        : fail('only a turn with server tools pauses, and the request offers none')
    case 'model_context_window_exceeded':
      return namesOverflow(model, betas)
        ? null
        : fail(`${model.id} has this stop reason only with the beta model-context-window-exceeded-2025-08-26`)
    case 'end_turn':
    case 'tool_use':
    case 'max_tokens':
    case null:
      return null
  }
}

function hasServerTools(request: ValidRequest['request']): boolean {
  const { mcp_servers: servers = [] } = request
  return (
    servers.length > 0 || listOfferedTools(request).some(({ tool }) => serverTool.test(String(tool.type)))
  )
}

const serverTool = /^(?:web_search|web_fetch|code_execution|tool_search_tool_\w+|advisor)_\d|^mcp_toolset$/

/** Ends a complete answer as the reply wants it; one that was cut by the request's limits stays as it is. */
export function applyStop(
  completion: Completion,
  reply: ScriptedReply,
  { request }: ValidRequest,
): Completion {
  const stopReason = getStop(reply)
  const isCut = completion.stopReason !== 'end_turn' && completion.stopReason !== 'tool_use'
  if (stopReason === null || isCut) return completion
  const { refusal, stop_sequence: sequence = request.stop_sequences?.[0] ?? null } = reply
  const { category = null, explanation = null } = typeof refusal === 'object' ? refusal : {}
  return {
    ...completion,
    stopReason,
    stopSequence: stopReason === 'stop_sequence' ? sequence : null,
    stopDetails: stopReason === 'refusal' ? { type: 'refusal', category, explanation } : null,
  }
}
