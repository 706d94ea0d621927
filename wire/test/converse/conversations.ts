import * as fc from 'fast-check'

import type { OutputBlock } from '../../src/messages/content-block.ts'
import type { MessagesRequest } from '../../src/messages/request.ts'
import type { Message, StopReason } from '../../src/messages/message.ts'

/** Any non-blank text, including characters that are difficult in JSON and UTF-8. */
const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text.trim() !== '')
const base64 = fc.base64String({ minLength: 4, maxLength: 24 })
const id = fc.stringMatching(/^toolu_[a-zA-Z0-9]{1,20}$/)
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)
const count = fc.nat({ max: 50 })
const freeObject = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })

/** Options that are absent unless chosen, as in JSON. */
function withOptions<Given extends object>(
  given: fc.Arbitrary<Given>,
  options: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<object> {
  return fc
    .tuple(given, fc.record(options, { requiredKeys: [] }))
    .map(([record, more]) => ({ ...record, ...more }))
}

const cacheControl = withOptions(fc.constant({ type: 'ephemeral' }), { ttl: fc.constantFrom('5m', '1h') })
const marked = { cache_control: cacheControl }
const documentPlace = {
  cited_text: words,
  document_index: count,
  document_title: fc.option(words),
}
const citation = fc.oneof(
  fc.record({
    type: fc.constant('char_location'),
    ...documentPlace,
    start_char_index: count,
    end_char_index: count,
  }),
  fc.record({
    type: fc.constant('page_location'),
    ...documentPlace,
    start_page_number: count,
    end_page_number: count,
  }),
  fc.record({
    type: fc.constant('content_block_location'),
    ...documentPlace,
    start_block_index: count,
    end_block_index: count,
  }),
  fc.record({
    type: fc.constant('search_result_location'),
    cited_text: words,
    source: words,
    title: fc.option(words),
    search_result_index: count,
    start_block_index: count,
    end_block_index: count,
  }),
)

const text = fc.record({ type: fc.constant('text'), text: words })
const cited = fc.record({
  type: fc.constant('text'),
  text: words,
  citations: fc.array(citation, { minLength: 1, maxLength: 2 }),
})
const image = fc.record({
  type: fc.constant('image'),
  source: fc.record({
    type: fc.constant('base64'),
    media_type: fc.constantFrom('image/png', 'image/jpeg', 'image/gif', 'image/webp'),
    data: base64,
  }),
})
const documentSource = fc.oneof(
  fc.record({ type: fc.constant('base64'), media_type: fc.constant('application/pdf'), data: base64 }),
  fc.record({
    type: fc.constant('text'),
    media_type: fc.constant('text/plain'),
    data: fc.string({ unit: 'grapheme' }),
  }),
  fc.record({ type: fc.constant('content'), content: fc.array(text, { maxLength: 2 }) }),
)
/** Titles are practically unique: a few documents draw from a million. */
const title = fc.nat({ max: 999_999 }).map((number) => `Paper (${number}) [a]`)
const citations = fc.record({ enabled: fc.boolean() })
const document = withOptions(fc.record({ type: fc.constant('document'), source: documentSource, title }), {
  context: words,
  citations,
})
const searchResult = withOptions(
  fc.record({
    type: fc.constant('search_result'),
    source: words,
    title: words,
    content: fc.array(text, { maxLength: 2 }),
  }),
  { citations },
)
const thinking = fc.record({
  type: fc.constant('thinking'),
  thinking: fc.string({ unit: 'grapheme' }),
  signature: base64,
})
const redacted = fc.record({ type: fc.constant('redacted_thinking'), data: base64 })
const toolUse = fc.record({ type: fc.constant('tool_use'), id, name, input: freeObject })
const toolResult = withOptions(fc.record({ type: fc.constant('tool_result'), tool_use_id: id }), {
  content: fc.array(fc.oneof(text, image, document, searchResult), { minLength: 1, maxLength: 2 }),
}).chain((block) =>
  // Bedrock rejects an error without content.
  withOptions(fc.constant(block), {
    is_error: fc.constantFrom(...('content' in block ? [true, false] : [false])),
  }),
)

const markable = fc.oneof(text, cited, image, document, searchResult, toolUse, toolResult)
const block = fc.oneof(withOptions(markable, marked), thinking, redacted)
const turn = (role: string) =>
  fc.record({ role: fc.constant(role), content: fc.array(block, { minLength: 1, maxLength: 4 }) })

/** A call must have its result in the next turn. */
function answerCalls(given: {
  readonly role: string
  readonly content: readonly object[]
}): readonly object[] {
  const ids = given.content.flatMap((each) =>
    'type' in each && each.type === 'tool_use' && 'id' in each ? [each.id] : [],
  )
  if (given.role !== 'assistant' || ids.length === 0) return [given]
  const content = ids.map((tool_use_id) => ({ type: 'tool_result', tool_use_id }))
  return [given, { role: 'user', content }]
}

/** No turn may have more results than the one before has calls. */
function listCallsBefore({
  role,
  content,
}: {
  readonly role: string
  readonly content: readonly object[]
}): readonly object[] {
  const ids = content.flatMap((each) => ('tool_use_id' in each ? [each.tool_use_id] : []))
  if (role === 'system' || ids.length === 0) return []
  return [
    { role: 'assistant', content: ids.map((use) => ({ type: 'tool_use', id: use, name: 'f', input: {} })) },
  ]
}

/** Converse requires this type. */
const objectSchema = freeObject.map((members) => ({ ...members, type: 'object' }))
const tool = withOptions(fc.record({ name, input_schema: objectSchema }), {
  description: words,
  strict: fc.boolean(),
  ...marked,
})
const outputConfig = withOptions(fc.constant({ effort: 'low' }), {
  format: fc.record({ type: fc.constant('json_schema'), schema: freeObject }),
})

/**
 * Requests that use the part of Messages with a Converse equivalent. Tools are always present, because calls
 * may be.
 */
export const conversation: fc.Arbitrary<MessagesRequest> = withOptions(
  fc.record({
    model: fc.constant('claude-opus-4-8'),
    max_tokens: fc.integer({ min: 1, max: 9_999 }),
    messages: fc
      .tuple(
        turn('user'),
        fc.array(fc.oneof(turn('assistant'), turn('user'), turn('system')), { maxLength: 3 }),
      )
      .map(([first, more]) => [
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        ...[first, ...more].flatMap((each) => [...listCallsBefore(each), ...answerCalls(each)]),
      ]),
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
  }),
  {
    system: fc.array(withOptions(text, marked), { minLength: 1, maxLength: 2 }),
    temperature: fc.double({ min: 0, max: 1, noNaN: true }),
    top_p: fc.constantFrom(0, 0.5, 1),
    stop_sequences: fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
    tool_choice: fc.oneof(
      fc.record({ type: fc.constantFrom('auto', 'any', 'none') }),
      fc.record({ type: fc.constant('any'), disable_parallel_tool_use: fc.boolean() }),
      fc.record({ type: fc.constant('tool'), name }),
    ),
    output_config: outputConfig,
    thinking: fc.constant({ type: 'adaptive' }),
    top_k: count,
    metadata: fc.record({ user_id: fc.string() }),
    stream: fc.constant(true),
  },
  // The parts conform to the type; annotating each would double the file.
) as unknown as fc.Arbitrary<MessagesRequest>

const outputBlock = fc.oneof(text, cited, thinking, redacted, toolUse) as unknown as fc.Arbitrary<OutputBlock> // as above
const stopReason = fc.constantFrom<StopReason>(
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'model_context_window_exceeded',
  'refusal',
)

/** Responses that Converse can represent completely. */
export const answer: fc.Arbitrary<Message> = fc
  .record({
    content: fc.array(outputBlock, { maxLength: 5 }),
    reason: stopReason,
    sequence: fc.string({ minLength: 1 }),
    counts: fc.tuple(count, count, count, count, count),
  })
  .map(({ content, reason, sequence, counts: [input, output, read, minutes, hour] }) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-8',
    content,
    stop_reason: reason,
    stop_sequence: reason === 'stop_sequence' ? sequence : null,
    usage: {
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: minutes + hour,
      cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
      service_tier: 'standard',
    },
  }))
