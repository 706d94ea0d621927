import type { CacheControl, InputBlock, TextBlockParam } from './content-block.ts'
import type { Tool, ToolChoice } from './tool.ts'

/**
 * The body of `POST /v1/messages` (docs.claude.com, api/messages, Nov 2025; the members
 * after `context_management` came in 2026, platform.claude.com, api/messages).
 * Trust the type only after `validateMessagesRequest` found no problem.
 */
export interface MessagesRequest {
  readonly model: string
  readonly messages: readonly MessageParam[]
  /** Always there in a call of `/v1/messages`, never in one of `count_tokens`. */
  readonly max_tokens?: number
  readonly system?: string | readonly TextBlockParam[]
  readonly metadata?: { readonly user_id?: string | null }
  readonly stop_sequences?: readonly string[]
  readonly stream?: boolean
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
  readonly thinking?: ThinkingConfig
  readonly tools?: readonly Tool[]
  readonly tool_choice?: ToolChoice
  readonly service_tier?: 'auto' | 'standard_only'
  readonly container?: string | Readonly<Record<string, unknown>> | null
  readonly mcp_servers?: readonly Readonly<Record<string, unknown>>[]
  readonly context_management?: Readonly<Record<string, unknown>> | null
  readonly cache_control?: CacheControl | null
  readonly output_config?: Readonly<Record<string, unknown>>
  readonly inference_geo?: string | null
  readonly speed?: 'standard' | 'fast' | null
}

/** Consecutive turns of one role are merged by the service. `system` turns are sent by Claude Code. */
export interface MessageParam {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string | readonly InputBlock[]
}

export type ThinkingConfig =
  | {
      readonly type: 'enabled'
      readonly budget_tokens: number
      readonly display?: 'summarized' | 'omitted' | null
    }
  | { readonly type: 'disabled' }
  | { readonly type: 'adaptive' | 'between_tools'; readonly display?: 'summarized' | 'omitted' | null }
