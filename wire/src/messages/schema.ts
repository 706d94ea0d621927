import { cacheControl, inputBlock, textBlock } from './block-shapes.ts'
import {
  findProblem,
  freeObject,
  isRecord,
  list,
  literal,
  openRecord,
  optional,
  orNull,
  record,
} from './shape.ts'
import { boolean, required, tagged, text } from './shape.ts'
import type { MessagesRequest } from './request.ts'
import type { Members, Problem, Shape } from './shape.ts'
import { toolChoiceShape, toolShape } from './tool-shapes.ts'
import { findTurnProblem } from './turn-rules.ts'

/** The API versions this schema knows; the later one has two block rules more. */
export const apiVersions = ['2023-06-01', '2026-10-21'] as const
export type ApiVersion = (typeof apiVersions)[number]

export interface ValidationOptions {
  readonly apiVersion: ApiVersion
  /** Validates the body of `count_tokens`, which knows no sampling members and no `max_tokens`. */
  readonly countTokens?: boolean
}

export type ParsedRequest =
  | { readonly ok: true; readonly request: MessagesRequest }
  | { readonly ok: false; readonly problem: Problem }

/**
 * The first reason why the service would refuse this body whatever the model, or null.
 * Rules that depend on the model are the catalog's (`check`). Never throws.
 */
export function validateMessagesRequest(body: unknown, options: ValidationOptions): Problem | null {
  const parsed = parseMessagesRequest(body, options)
  return parsed.ok ? null : parsed.problem
}

/** The same verdict, with the body typed where there is no problem. */
export function parseMessagesRequest(body: unknown, options: ValidationOptions): ParsedRequest {
  const shape = options.countTokens ? countTokensShape : messagesShape
  const misshapen = findProblem(body, shape)
  if (misshapen) return { ok: false, problem: misshapen }
  if (!isWalked(body))
    return { ok: false, problem: { path: '', message: 'Input should be a valid dictionary' } }
  const problem = findTurnProblem(body, options.apiVersion)
  return problem ? { ok: false, problem } : { ok: true, request: body }
}

/** A problem as the service prints it: `max_tokens: Field required`. */
export function formatProblem({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`
}

/** What the shapes below state about a body in which the walker found no problem. */
function isWalked(body: unknown): body is MessagesRequest {
  return isRecord(body)
}

const message = record({
  role: required(literal('user', 'assistant', 'system')),
  content: required({ kind: 'text_or_list', text, list: list(inputBlock) }),
})

const display = orNull(literal('summarized', 'omitted'))
const thinking = tagged({
  enabled: record({
    type: required(text),
    budget_tokens: required({ kind: 'integer', min: 1024 }),
    display,
  }),
  disabled: record({ type: required(text) }),
  adaptive: record({ type: required(text), display }),
  between_tools: record({ type: required(text), display }),
})

const container: Shape = {
  kind: 'text_or_record',
  text,
  record: record({
    id: orNull(text),
    skills: orNull(
      list(
        record({
          type: required(literal('anthropic', 'custom')),
          skill_id: required({ kind: 'text', min: 1, max: 64 }),
          version: optional({ kind: 'text', min: 1, max: 64 }),
        }),
        8,
      ),
    ),
  }),
}

const mcpServer = record({
  type: required(literal('url')),
  url: required(text),
  name: required(text),
  authorization_token: orNull(text),
  tool_configuration: orNull(record({ enabled: orNull(boolean), allowed_tools: orNull(list(text)) })),
})

/** Members of both endpoints: docs.claude.com, api/messages (Nov 2025), then those of 2026 (SDK 1.12). */
const shared: Members = {
  model: required({ kind: 'text', min: 1, max: 256 }),
  messages: required(list(message, 100_000)),
  system: optional({ kind: 'text_or_list', text, list: list(textBlock) }),
  thinking: optional(thinking),
  tools: optional(list(toolShape)),
  tool_choice: optional(toolChoiceShape),
  mcp_servers: optional(list(mcpServer, 20)),
  context_management: orNull(record({ edits: optional(list(openRecord({ type: required(text) }))) })),
  cache_control: cacheControl,
  output_config: optional(
    record({
      effort: orNull(literal('low', 'medium', 'high', 'xhigh', 'max')),
      format: orNull(record({ type: required(literal('json_schema')), schema: required(freeObject) })),
      task_budget: orNull(freeObject),
    }),
  ),
}

const messagesShape = record({
  ...shared,
  max_tokens: required({ kind: 'integer', min: 1 }),
  metadata: optional(record({ user_id: orNull({ kind: 'text', max: 256 }) })),
  stop_sequences: optional(list(text)),
  stream: optional(boolean),
  temperature: optional({ kind: 'number', min: 0, max: 1, rangeText: 'range: -1 or 0..1' }),
  top_p: optional({ kind: 'number', min: 0, max: 1 }),
  top_k: optional({ kind: 'integer', min: 0 }),
  service_tier: optional(literal('auto', 'standard_only')),
  container: orNull(container),
  inference_geo: orNull(text),
  speed: orNull(literal('standard', 'fast')),
  diagnostics: orNull(freeObject),
  user_profile_id: orNull(text),
  workspace_id: orNull(text),
})

const countTokensShape = record(shared)
