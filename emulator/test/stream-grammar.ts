import { isRecord, parseJson } from '@anthology/wire'
import type { StreamEvent } from '@anthology/wire'

/**
 * Returns the first violation of the Messages API's stream grammar (docs.claude.com, build-with-claude/streaming,
 * Nov 2025), or null. Written from that page, independently of the code under test.
 *
 *   message_start (content_block_start content_block_delta* content_block_stop)* message_delta+ message_stop
 *
 * with `ping` anywhere after the start, indexes 0 to n-1 without interleaving, and only the deltas of the block's type
 * in each block.
 */
export function findStreamFault(events: readonly StreamEvent[]): string | null {
  let state: State = { name: 'begin' }
  let index = 0
  let outputTokens = 0
  for (const [at, event] of events.entries()) {
    const fault = (text: string): string => `event ${at} (${event.type}): ${text}`
    if (event.type === 'ping') {
      if (state.name === 'begin' || state.name === 'end') return fault('outside of the message')
      continue
    }
    switch (event.type) {
      case 'message_start': {
        if (state.name !== 'begin') return fault('there is one already')
        const { message } = event
        if (message.content.length > 0) return fault('its content is not empty')
        if (message.stop_reason !== null || message.stop_sequence !== null)
          return fault('it has ended already')
        outputTokens = message.usage.output_tokens
        state = { name: 'between' }
        break
      }
      case 'content_block_start':
        if (state.name !== 'between') return fault(`not in ${state.name}`)
        if (event.index !== index) return fault(`has index ${event.index} instead of ${index}`)
        if (!isOpen(event.content_block)) return fault('begins with what its deltas bring')
        state = { name: 'block', type: event.content_block.type, seen: [], json: '' }
        break
      case 'content_block_delta': {
        if (state.name !== 'block' || event.index !== index) return fault('not in its block')
        const { type } = event.delta
        if (!(deltas[state.type] ?? []).includes(type)) return fault(`${type} in a ${state.type} block`)
        if (state.seen.includes('signature_delta')) return fault('behind the signature')
        if (event.delta.type === 'input_json_delta') state.json += event.delta.partial_json
        state.seen.push(type)
        break
      }
      case 'content_block_stop':
        if (state.name !== 'block' || event.index !== index) return fault('not in its block')
        if (state.type === 'thinking' && state.seen.at(-1) !== 'signature_delta')
          return fault('without a signature')
        if (!isJsonObject(state.json)) return fault(`the input is not JSON: ${state.json}`)
        index += 1
        state = { name: 'between' }
        break
      case 'message_delta':
        if (state.name !== 'between' && state.name !== 'delta') return fault(`not in ${state.name}`)
        if (event.delta.stop_reason === null) return fault('without a stop reason')
        if ((event.delta.stop_reason === 'stop_sequence') !== (event.delta.stop_sequence !== null))
          return fault('stop_sequence goes with its stop reason')
        if (event.usage.output_tokens < outputTokens) return fault('usage that is not cumulative')
        outputTokens = event.usage.output_tokens
        state = { name: 'delta' }
        break
      case 'message_stop':
        if (state.name !== 'delta') return fault(`not in ${state.name}`)
        state = { name: 'end' }
        break
      case 'error':
        return fault(event.error.message)
    }
  }
  return state.name === 'end' ? null : `breaks off in ${state.name}`
}

type State =
  | { readonly name: 'begin' | 'between' | 'delta' | 'end' }
  | { readonly name: 'block'; readonly type: string; readonly seen: string[]; json: string }

const deltas: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  mcp_tool_use: ['input_json_delta'],
}

/** Blocks that are sent in deltas start empty; `redacted_thinking` and results are complete at the start. */
function isOpen(block: { readonly type: string }): boolean {
  if ('text' in block) return block.text === ''
  if ('thinking' in block) return block.thinking === '' && 'signature' in block && block.signature === ''
  if ('input' in block) return JSON.stringify(block.input) === '{}'
  return true
}

/** Without fine-grained streaming an input is always valid JSON; no deltas mean `{}`. */
function isJsonObject(json: string): boolean {
  return json === '' || isRecord(parseJson(json))
}
