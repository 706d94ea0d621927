import type { ConverseResponse } from '../../src/converse/response.ts'
import type { Message } from '../../src/messages/message.ts'

export interface AnswerExample {
  readonly converse?: Partial<ConverseResponse>
  readonly messages?: Partial<Message>
  readonly responsePaths?: readonly string[]
}

const usage = {
  input_tokens: 10,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 400,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 5,
  service_tier: 'standard',
} as const

export const baseMessage: Message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
}

const tokens = {
  inputTokens: 10,
  outputTokens: 5,
  totalTokens: 445,
  cacheReadInputTokens: 400,
  cacheWriteInputTokens: 30,
  cacheDetails: [
    { ttl: '1h', inputTokens: 20 },
    { ttl: '5m', inputTokens: 10 },
  ],
} as const

export const baseAnswer: ConverseResponse = {
  ...content([]),
  stopReason: 'end_turn',
  usage: tokens,
  metrics: { latencyMs: 12 },
}

/** By field name: the same part of a response in both forms, if both exist. */
export const answerExamples: Readonly<Record<string, AnswerExample>> = {
  text: { converse: content([{ text: 'Hi' }]), messages: { content: [{ type: 'text', text: 'Hi' }] } },
  citationsContent: {
    converse: content([
      {
        citationsContent: {
          content: [{ text: 'Blue.' }],
          citations: [
            {
              title: 'Paper',
              sourceContent: [{ text: 'The sky' }],
              location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
            },
          ],
        },
      },
    ]),
    messages: {
      content: [
        {
          type: 'text',
          text: 'Blue.',
          citations: [
            {
              type: 'page_location',
              cited_text: 'The sky',
              document_index: 0,
              document_title: 'Paper',
              start_page_number: 1,
              end_page_number: 2,
            },
          ],
        },
      ],
    },
  },
  'reasoningContent.reasoningText': {
    converse: content([{ reasoningContent: { reasoningText: { text: 'Hm.\n', signature: 'c2ln' } } }]),
    messages: { content: [{ type: 'thinking', thinking: 'Hm.\n', signature: 'c2ln' }] },
  },
  'reasoningContent.redactedContent': {
    converse: content([{ reasoningContent: { redactedContent: 'c2VjcmV0' } }]),
    messages: { content: [{ type: 'redacted_thinking', data: 'c2VjcmV0' }] },
  },
  toolUse: {
    converse: {
      ...content([{ toolUse: { toolUseId: 'toolu_1', name: 'f', input: { a: 1 } } }]),
      stopReason: 'tool_use',
    },
    messages: {
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } }],
      stop_reason: 'tool_use',
    },
  },
  'blocks of server tools': {
    converse: content([{ text: 'Hi' }]),
    messages: {
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
        { type: 'text', text: 'Hi' },
        { type: 'server_tool_use', id: 'srvtoolu_2', name: 'web_search', input: {} },
      ],
    },
  },
  stopReason: { converse: { stopReason: 'max_tokens' }, messages: { stop_reason: 'max_tokens' } },
  'stopReason (content_filtered)': {
    converse: { stopReason: 'content_filtered' },
    messages: { stop_reason: 'refusal' },
  },
  'stopReason (guardrail_intervened)': {
    converse: { stopReason: 'guardrail_intervened' },
    messages: { stop_reason: 'refusal' },
  },
  'stopReason (malformed_model_output, malformed_tool_use)': {
    converse: { stopReason: 'malformed_tool_use' },
    messages: { stop_reason: 'end_turn' },
  },
  'stop_reason (pause_turn)': {
    converse: { stopReason: 'end_turn' },
    messages: { stop_reason: 'pause_turn' },
  },
  additionalModelResponseFields: {
    converse: { stopReason: 'stop_sequence', additionalModelResponseFields: { stop_sequence: 'END' } },
    messages: { stop_reason: 'stop_sequence', stop_sequence: 'END' },
    responsePaths: ['/stop_sequence', '/delta/stop_sequence'],
  },
  'usage.inputTokens': {
    converse: { usage: { ...tokens, inputTokens: 11, totalTokens: 446 } },
    messages: { usage: { ...usage, input_tokens: 11 } },
  },
  'usage.outputTokens': {
    converse: { usage: { ...tokens, outputTokens: 6, totalTokens: 446 } },
    messages: { usage: { ...usage, output_tokens: 6 } },
  },
  'usage.cacheReadInputTokens': {
    converse: { usage: { ...tokens, cacheReadInputTokens: 401, totalTokens: 446 } },
    messages: { usage: { ...usage, cache_read_input_tokens: 401 } },
  },
  'usage.cacheWriteInputTokens': {
    converse: {
      usage: { ...tokens, cacheWriteInputTokens: 0, cacheDetails: [], totalTokens: 415 },
    },
    messages: {
      usage: {
        ...usage,
        cache_creation_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      },
    },
  },
  'usage.cacheDetails': {
    converse: { usage: { ...tokens, cacheDetails: [{ ttl: '1h', inputTokens: 30 }] } },
    messages: {
      usage: {
        ...usage,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 30 },
      },
    },
  },
  'usage.totalTokens': { converse: { usage: { ...tokens, totalTokens: 1 } } },
  'metrics.latencyMs': { converse: { metrics: { latencyMs: 99 } } },
  serviceTier: { converse: { serviceTier: { type: 'flex' } } },
  'id, model, stop_details and the rest': {
    messages: { id: 'msg_2', model: 'n', stop_details: null, input_transformations: [] },
  },
}

function content(blocks: ConverseResponse['output']['message']['content']): Pick<ConverseResponse, 'output'> {
  return { output: { message: { role: 'assistant', content: blocks } } }
}
