import type { OutputBlock } from '../messages/content-block.ts'
import type { Message } from '../messages/message.ts'
import { isBase64 } from '../aws/base64.ts'
import { citationToConverse } from './citation.ts'
import { stopReasonToConverse, usageToConverse } from './usage-and-stop-reason.ts'
import type { ConverseBlock } from './request.ts'
import { pickResponseFields } from './response-fields.ts'
import type { ConverseResponse } from './response.ts'

export interface AnswerOptions {
  readonly latencyMs: number
  readonly responsePaths?: readonly string[]
  readonly serviceTier?: string
}

/** Translates a message to a Converse response. The notices name everything that Converse cannot represent. */
export function converseAnswer(
  message: Message,
  { latencyMs, responsePaths = [], serviceTier }: AnswerOptions,
): { readonly response: ConverseResponse; readonly notices: readonly string[] } {
  const content = message.content.map((block) => blockToConverse(block))
  const dropped = message.content.filter((_, index) => !content[index]).map((block) => block.type)
  const fields = pickResponseFields({ ...message }, responsePaths)
  const response = {
    output: { message: { role: 'assistant', content: content.filter((block) => block !== null) } },
    stopReason: stopReasonToConverse(message.stop_reason),
    usage: usageToConverse(message.usage),
    metrics: { latencyMs },
    ...(fields && { additionalModelResponseFields: fields }),
    ...(serviceTier !== undefined && { serviceTier: { type: serviceTier } }),
  } as const
  return { response, notices: [...new Set(dropped)].map(dropNotice) }
}

function dropNotice(type: string): string {
  return `Converse has no block for ${type.slice(0, 100)}; it was left out of the answer`
}

/** Returns null for a block without a Converse equivalent: Bedrock has no tools that run on the server. */
export function blockToConverse(block: OutputBlock): ConverseBlock | null {
  switch (block.type) {
    case 'text': {
      const { text, citations } = block
      if (!citations || citations.length === 0) return { text }
      return { citationsContent: { content: [{ text }], citations: citations.map(citationToConverse) } }
    }
    case 'thinking':
      return { reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } } }
    case 'redacted_thinking':
      return isBase64(block.data) ? { reasoningContent: { redactedContent: block.data } } : null
    case 'tool_use': {
      const { id: toolUseId, name, input } = block
      return { toolUse: { toolUseId, name, input } }
    }
    case 'server_tool_use':
    case 'mcp_tool_use':
    case 'web_search_tool_result':
    case 'web_fetch_tool_result':
    case 'code_execution_tool_result':
    case 'bash_code_execution_tool_result':
    case 'text_editor_code_execution_tool_result':
    case 'tool_search_tool_result':
    case 'advisor_tool_result':
    case 'mcp_tool_result':
    case 'container_upload':
      break
  }
  return null
}
