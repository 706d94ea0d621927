import { inputBlock } from '../../../wire/src/messages/block-shapes.ts'
import { listLeaves } from './paths.ts'
import type { Leaf } from './paths.ts'
import type { UpstreamAnswer } from './rig.ts'
import { listVariants } from './shape-values.ts'

/** A message with a field under test, and the events of the same message. */
export interface AnswerField extends UpstreamAnswer {
  /** The name of the field in the report. */
  readonly name: string
  /** The values of a block, each of which is in no other place; null for a field of one value. */
  readonly marks: readonly Leaf[] | null
}

const usage = { input_tokens: 25, output_tokens: 15 }

const base = {
  id: 'msg_of_the_upstream',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-8',
  content: [{ type: 'text', text: 'Hello from the upstream.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
}

type Block = Readonly<Record<string, unknown>> & { readonly type: string }

export const baseAnswer: UpstreamAnswer = { message: base, events: listEvents(base) }

function field(name: string, members: object): AnswerField {
  const message = { ...base, ...members }
  return { name, message, events: listEvents(message), marks: null }
}

/** A client sends the blocks of an answer back unchanged, so they have the shapes of a request's blocks. */
function listBlockFields(): readonly AnswerField[] {
  const blocks = listVariants(inputBlock) as readonly Block[] // Each case of the shape is a block.
  const known = blocks
    .filter(({ type }) => !requestOnly.has(type))
    .map(({ cache_control: _mark, ...block }) => block as Block)
  const future = { type: 'a_block_of_the_future', text: 'some_text' }
  return [...known, future].map((block) => {
    // Redacted thinking is base64.
    const own = block.type === 'redacted_thinking' ? { ...block, data: 'redactedA1000000' } : block
    const marked = mark(own) as Block // Only texts and numbers in it change.
    const content = [marked]
    const marks = listLeaves({ content }).filter(({ value }) => isMark(value))
    return { ...field(`content[] (${block.type})`, { content }), marks }
  })
}

/** Replaces each text and number without a meaning by one that occurs nowhere else. */
function mark(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mark)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, name === 'type' ? each : mark(each)]),
    )
  if (value !== 'some_text' && value !== 7 && value !== 'srvtoolu_01') return value
  marksMade += 1
  return typeof value === 'number' ? 1_000_000 + marksMade : `${value}_${1_000_000 + marksMade}`
}

let marksMade = 0

function isMark(value: unknown): boolean {
  return /(?:^|\D)1\d{6}$/.test(String(value))
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

function listEvents(message: object): readonly object[] {
  const { content, stop_reason, stop_sequence, usage: used, ...rest } = message as typeof base
  const { stop_details, context_management, ...head } = rest as Readonly<Record<string, unknown>>
  const delta = { stop_reason, stop_sequence, ...(stop_details !== undefined && { stop_details }) }
  return [
    {
      type: 'message_start',
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: used },
    },
    { type: 'ping' },
    ...content.flatMap((block, index) => listBlockEvents(block, index)),
    {
      type: 'message_delta',
      delta,
      usage: used,
      ...(context_management !== undefined && { context_management }),
    },
    { type: 'message_stop' },
  ]
}

function listBlockEvents(block: Block, index: number): readonly object[] {
  const { start, deltas } = splitBlock(block)
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

/** The block as it begins, and the deltas that complete it. */
function splitBlock(block: Block): { readonly start: object; readonly deltas: readonly object[] } {
  switch (block.type) {
    case 'text': {
      const { citations, ...rest } = block
      const cited = Array.isArray(citations) ? citations.map((citation: unknown) => ({ citation })) : []
      return {
        start: { ...rest, text: '' },
        deltas: [
          ...cited.map((each) => ({ type: 'citations_delta', ...each })),
          { type: 'text_delta', text: block['text'] },
        ],
      }
    }
    case 'thinking':
      return {
        start: { ...block, thinking: '', signature: '' },
        deltas: [
          { type: 'thinking_delta', thinking: block['thinking'] },
          { type: 'signature_delta', signature: block['signature'] },
        ],
      }
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return {
        start: { ...block, input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(block['input']) }],
      }
    default:
      return { start: block, deltas: [] }
  }
}

/** Every block, member and event that `wire` knows of an answer, and some that no version knows. */
export const answerFields: readonly AnswerField[] = [
  ...listBlockFields(),
  ...[
    'max_tokens',
    'stop_sequence',
    'tool_use',
    'pause_turn',
    'refusal',
    'model_context_window_exceeded',
    'a_reason_of_the_future',
  ].map((reason) => field(`stop_reason "${reason}"`, { stop_reason: reason })),
  field('id', { id: 'msg_of_another_upstream' }),
  field('model', { model: 'claude-opus-4-8-another' }),
  field('stop_sequence', { stop_reason: 'stop_sequence', stop_sequence: 'THE END' }),
  field('stop_details', {
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: 'cyber', explanation: 'an explanation' },
  }),
  field('input_transformations', {
    input_transformations: [{ type: 'dropped', path: 'messages.0', reason: 'a reason' }],
  }),
  field('container', { container: { id: 'container_1', expires_at: '2026-12-01T00:00:00Z' } }),
  field('context_management', {
    context_management: { applied_edits: [{ type: 'clear_tool_uses_20250919', cleared_tool_uses: 3 }] },
  }),
  field('a_member_of_the_future', { a_member_of_the_future: 'value' }),
  ...Object.entries({
    input_tokens: 77,
    output_tokens: 78,
    cache_creation_input_tokens: 79,
    cache_read_input_tokens: 80,
    cache_creation: { ephemeral_5m_input_tokens: 81, ephemeral_1h_input_tokens: 82 },
    server_tool_use: { web_search_requests: 83, web_fetch_requests: 84 },
    service_tier: 'priority',
    inference_geo: 'us',
    speed: 'fast',
    output_tokens_details: { thinking_tokens: 9 },
    iterations: [{ type: 'message', input_tokens: 85, output_tokens: 86 }],
    a_count_of_the_future: 87,
  }).map(([name, value]) => field(`usage.${name}`, { usage: { ...usage, [name]: value } })),
]
