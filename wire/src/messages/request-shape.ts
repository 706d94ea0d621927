import { cacheControl, textBlock } from './block-shapes.ts'
import { editShape } from './edit-shapes.ts'
import { messageShape } from './message-shape.ts'
import {
  boolean,
  freeObject,
  integer,
  list,
  literal,
  nullable,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
  textOr,
} from './shape.ts'
import type { Member, Members, Shape } from './shape.ts'
import { toolChoiceShape, toolShape } from './tool-shapes.ts'

/** From this day on the rules of 2026 apply; the days of the changes are not published. */
export const laterTextsFrom = '2026-01-01'

const type = required(text)
const blockBinding = orNull(record({ prefix_mismatch_behavior: orNull(literal('error', 'drop_block')) }))
const thinks: Members = {
  display: orNull(literal('summarized', 'omitted', 'updates')),
  block_binding: blockBinding,
}
const thinking = tagged({
  enabled: record({ type, budget_tokens: required(integer(1024)), ...thinks }),
  disabled: record({ type }),
  adaptive: record({ type, ...thinks }),
  between_tools: record({ type }),
})

const jsonFormat = record({ type: required(literal('json_schema')), schema: required(freeObject) })
const taskBudget = record({
  type: required(literal('tokens')),
  total: required(integer(20_000)),
  remaining: orNull(integer(0)),
})

const skill = record({
  type: required(literal('anthropic', 'custom')),
  skill_id: required({ kind: 'text', min: 1, max: 64 }),
  version: optional({ kind: 'text', min: 1, max: 64 }),
})
const containerParams: Shape = {
  kind: 'step',
  step: 'ContainerParams',
  of: record({ id: orNull(text), skills: orNull(list(skill, 8)) }),
}

const mcpServer = record({
  type: required(literal('url')),
  url: required({ kind: 'text', min: 1 }),
  name: required({ kind: 'text', min: 1 }),
  authorization_token: orNull(text),
  tool_configuration: orNull(record({ enabled: orNull(boolean), allowed_tools: orNull(list(text)) })),
})

/**
 * Members of both endpoints: docs.claude.com, api/messages (Nov 2025), then those of 2026 (SDK 1.12). The
 * order is that of the API's error reports, as public test suites measured it in August 2026.
 */
const shared = (own: Members): Members => ({
  model: required({ kind: 'text', min: 1, max: 256 }),
  tool_choice: optional(toolChoiceShape),
  tools: optional(list(toolShape)),
  messages: required(list(messageShape, 100_000)),
  system: optional(textOr(list(textBlock))),
  thinking: optional(thinking),
  output_config: optional(
    record({
      effort: orNull(literal('low', 'medium', 'high', 'xhigh', 'max')),
      format: orNull(jsonFormat),
      task_budget: orNull(taskBudget),
    }),
  ),
  cache_control: cacheControl,
  ...own,
  mcp_servers: optional(list(mcpServer, 20)),
  context_management: orNull(record({ edits: optional(list(editShape)) })),
  /** The name of `output_config.format` in the beta of 2025. */
  output_format: orNull(jsonFormat),
  speed: orNull(literal('standard', 'fast')),
  user_profile_id: optional(text),
  workspace_id: optional(text),
})

const ranged = (rangeText: string, also?: number): Member =>
  optional({ kind: 'number', min: 0, max: 1, rangeText, ...(also !== undefined && { also }) })

/** In 2025 the API accepted a temperature of -1 but no `max_tokens` of 0. */
const sampled: Record<Era, Members> = {
  2025: { max_tokens: required(integer(1)), temperature: ranged('range: -1 or 0..1', -1) },
  2026: {
    max_tokens: required({
      kind: 'integer',
      min: 0,
      rangeText: 'must be greater than or equal to 0',
    }),
    temperature: ranged('range: 0..1'),
  },
}

function getMessagesShape(era: Era): Shape {
  const { max_tokens, temperature } = sampled[era]
  return record(
    shared({
      ...(max_tokens && { max_tokens }),
      metadata: orNull(record({ user_id: orNull({ kind: 'text', max: 256 }) })),
      stop_sequences: orNull(list(text)),
      ...(temperature && { temperature }),
      service_tier: optional(literal('auto', 'standard_only')),
      top_k: optional(integer(0)),
      top_p: ranged('range: 0..1'),
      stream: optional(boolean),
      container: orNull(textOr(containerParams)),
      inference_geo: orNull({
        kind: 'literal',
        values: ['global', 'us'],
        otherText: "must be one of ['global', 'us']",
      }),
      diagnostics: orNull(record({ previous_message_id: optional(nullable(text)) })),
    }),
  )
}

type Era = 2025 | 2026

export const messagesShapes: Record<Era, Shape> = {
  2025: getMessagesShape(2025),
  2026: getMessagesShape(2026),
}

export const countTokensShape: Shape = record(shared({}))
