import type { CacheControl } from './content-block.ts'

/** A tool of a request: one that the client runs, or one of the API's own, by its dated type. */
export type Tool = CustomTool | ProviderTool

export interface CustomTool {
  readonly type?: 'custom' | null
  readonly name: string
  readonly description?: string
  readonly input_schema: Readonly<Record<string, unknown>>
  readonly cache_control?: CacheControl | null
  readonly strict?: boolean
  /** Keeps the tool out of the prompt until a tool search finds it. */
  readonly defer_loading?: boolean
  readonly allowed_callers?: readonly string[]
  readonly input_examples?: readonly Readonly<Record<string, unknown>>[]
  readonly eager_input_streaming?: boolean | null
}

/** A tool such as `{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }`. */
export interface ProviderTool {
  readonly type: string
  readonly name?: string
  readonly cache_control?: CacheControl | null
  readonly [option: string]: unknown
}

export type ToolChoice =
  | { readonly type: 'auto' | 'any'; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'tool'; readonly name: string; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'none' }
