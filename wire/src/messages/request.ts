import type { CacheControl, InputBlock, TextBlockParam } from './content-block.ts'
import type { Tool, ToolChoice } from './tool.ts'

/**
 * The body of `POST /v1/messages` (docs.claude.com, api/messages, Nov 2025; the members after
 * `context_management` came in 2026, platform.claude.com, api/messages). The type is only valid after
 * `validateMessagesRequest` found no problem.
 */
export interface MessagesRequest {
  readonly model: string
  readonly messages: readonly MessageParam[]
  /** Required by `/v1/messages`, not allowed in `count_tokens`. */
  readonly max_tokens?: number
  readonly system?: string | readonly TextBlockParam[]
  readonly metadata?: { readonly user_id?: string | null } | null
  readonly stop_sequences?: readonly string[] | null
  readonly stream?: boolean
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
  readonly thinking?: ThinkingConfig
  readonly tools?: readonly Tool[]
  readonly tool_choice?: ToolChoice
  readonly service_tier?: 'auto' | 'standard_only'
  readonly container?: string | ContainerParams | null
  readonly mcp_servers?: readonly McpServer[]
  readonly context_management?: ContextManagement | null
  readonly cache_control?: CacheControl | null
  readonly output_config?: OutputConfig
  /** The former name of `output_config.format`. */
  readonly output_format?: JsonFormat | null
  readonly inference_geo?: 'us' | 'global' | null
  readonly speed?: 'standard' | 'fast' | null
  readonly diagnostics?: { readonly previous_message_id?: string | null } | null
  readonly user_profile_id?: string
  readonly workspace_id?: string
}

export interface OutputConfig {
  /** An effort level; the catalog knows the levels of each model. */
  readonly effort?: string | null
  readonly format?: JsonFormat | null
  readonly task_budget?: TaskBudget | null
}

export interface JsonFormat {
  readonly type: 'json_schema'
  readonly schema: Readonly<Record<string, unknown>>
}

export interface TaskBudget {
  readonly type: 'tokens'
  readonly total: number
  readonly remaining?: number | null
}

export interface ContainerParams {
  readonly id?: string | null
  readonly skills?: readonly SkillParams[] | null
}

export interface SkillParams {
  readonly type: 'anthropic' | 'custom'
  readonly skill_id: string
  readonly version?: string
}

export interface McpServer {
  readonly type: 'url'
  readonly url: string
  readonly name: string
  readonly authorization_token?: string | null
  readonly tool_configuration?: {
    readonly enabled?: boolean | null
    readonly allowed_tools?: readonly string[] | null
  } | null
}

export interface ContextManagement {
  readonly edits?: readonly ContextEdit[]
}

/** Such as `{ type: 'clear_thinking_20251015', keep: 'all' }`. */
export interface ContextEdit {
  readonly type: 'clear_tool_uses_20250919' | 'clear_thinking_20251015' | 'compact_20260112'
  readonly [option: string]: unknown
}

/** The API merges consecutive turns of one role. Claude Code sends `system` turns. */
export interface MessageParam {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string | readonly InputBlock[]
  /** For a `system` turn: until when the model sees it. */
  readonly clear_at?: 'next_user_message' | 'never' | null
  /** For a `system` turn: the output settings from there on. */
  readonly output_config?: { readonly effort?: string | null } | null
}

export type ThinkingConfig =
  | (ThinkingOptions & { readonly type: 'enabled'; readonly budget_tokens: number })
  | (ThinkingOptions & { readonly type: 'adaptive' })
  | { readonly type: 'disabled' | 'between_tools'; readonly display?: never }

export interface ThinkingOptions {
  readonly display?: 'summarized' | 'omitted' | 'updates' | null
  readonly block_binding?: { readonly prefix_mismatch_behavior?: 'error' | 'drop_block' | null } | null
}
