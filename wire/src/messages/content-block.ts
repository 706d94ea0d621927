/** Content blocks of the Messages API, in wire spelling (docs.claude.com, api/messages, Nov 2025). */

export interface CacheControl {
  readonly type: 'ephemeral'
  readonly ttl?: '5m' | '1h'
}

/** A content block of a request. */
export type InputBlock =
  | TextBlockParam
  | ImageBlockParam
  | DocumentBlockParam
  | SearchResultBlockParam
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlockParam
  | ToolResultBlockParam
  | ServerToolUseBlockParam
  | McpToolUseBlockParam
  | ServerToolResultBlockParam
  | ContainerUploadBlockParam
  | ToolReferenceBlockParam
  | ToolChangeBlockParam
  | BrowserStateBlockParam

/** A content block of a response. */
export type OutputBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ServerToolUseBlock
  | McpToolUseBlock
  | ServerToolResultBlock
  | ContainerUploadBlock

export interface TextBlockParam {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[] | null
  readonly cache_control?: CacheControl | null
}

export interface TextBlock {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[] | null
}

export type ImageSource =
  | { readonly type: 'base64'; readonly media_type: ImageMediaType; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly file_id: string }

export type ImageMediaType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'

export interface ImageBlockParam {
  readonly type: 'image'
  readonly source: ImageSource
  readonly transformations?: { readonly oversized_image?: 'downsize' | 'error' } | null
  readonly cache_control?: CacheControl | null
}

export type DocumentSource =
  | { readonly type: 'base64'; readonly media_type: 'application/pdf'; readonly data: string }
  | { readonly type: 'text'; readonly media_type: 'text/plain'; readonly data: string }
  | { readonly type: 'content'; readonly content: string | readonly (TextBlockParam | ImageBlockParam)[] }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly file_id: string }

export interface DocumentBlockParam {
  readonly type: 'document'
  readonly source: DocumentSource
  readonly title?: string | null
  readonly context?: string | null
  readonly citations?: { readonly enabled?: boolean } | null
  readonly cache_control?: CacheControl | null
}

export interface SearchResultBlockParam {
  readonly type: 'search_result'
  readonly source: string
  readonly title: string
  readonly content: readonly TextBlockParam[]
  readonly citations?: { readonly enabled?: boolean } | null
  readonly cache_control?: CacheControl | null
}

/** The signature covers the text; a client must send both back unchanged. */
export interface ThinkingBlock {
  readonly type: 'thinking'
  readonly thinking: string
  readonly signature: string
}

export interface RedactedThinkingBlock {
  readonly type: 'redacted_thinking'
  readonly data: string
}

export interface ToolUseBlock {
  readonly type: 'tool_use'
  readonly id: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface ToolUseBlockParam extends ToolUseBlock {
  readonly cache_control?: CacheControl | null
}

export interface ToolResultBlockParam {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  readonly content?: string | readonly ToolResultContent[]
  readonly is_error?: boolean
  readonly cache_control?: CacheControl | null
}

export type ToolResultContent =
  | TextBlockParam
  | ImageBlockParam
  | DocumentBlockParam
  | SearchResultBlockParam
  | ToolReferenceBlockParam
  | BrowserStateBlockParam

export interface ServerToolUseBlock {
  readonly type: 'server_tool_use'
  readonly id: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface ServerToolUseBlockParam extends ServerToolUseBlock {
  readonly cache_control?: CacheControl | null
}

export interface McpToolUseBlock {
  readonly type: 'mcp_tool_use'
  readonly id: string
  readonly name: string
  readonly server_name: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface McpToolUseBlockParam extends McpToolUseBlock {
  readonly cache_control?: CacheControl | null
}

/** Results of tools that ran on the server. A client sends the opaque content back unchanged. */
export interface ServerToolResultBlockParam {
  readonly type:
    | 'web_search_tool_result'
    | 'web_fetch_tool_result'
    | 'code_execution_tool_result'
    | 'bash_code_execution_tool_result'
    | 'text_editor_code_execution_tool_result'
    | 'tool_search_tool_result'
    | 'advisor_tool_result'
    | 'mcp_tool_result'
  readonly tool_use_id: string
  readonly content?: unknown
  readonly is_error?: boolean
  readonly cache_control?: CacheControl | null
}

export type ServerToolResultBlock = Omit<ServerToolResultBlockParam, 'cache_control'>

export interface ContainerUploadBlock {
  readonly type: 'container_upload'
  readonly file_id: string
}

export interface ContainerUploadBlockParam extends ContainerUploadBlock {
  readonly cache_control?: CacheControl | null
}

export interface ToolReferenceBlockParam {
  readonly type: 'tool_reference'
  readonly tool_name: string
  readonly cache_control?: CacheControl | null
}

/** Adds or removes a tool from this turn on; only in a `system` turn (2026). */
export interface ToolChangeBlockParam {
  readonly type: 'tool_addition' | 'tool_removal'
  readonly tool: Readonly<Record<string, unknown>>
  readonly cache_control?: CacheControl | null
}

/** The state of the browser after a tool of the browser toolset has run (2026). */
export interface BrowserStateBlockParam {
  readonly type: 'browser_state'
  readonly tabs: readonly Readonly<Record<string, unknown>>[]
  readonly cache_control?: CacheControl | null
}

export type Citation =
  | (DocumentCitation & {
      readonly type: 'char_location'
      readonly start_char_index: number
      readonly end_char_index: number
    })
  | (DocumentCitation & {
      readonly type: 'page_location'
      readonly start_page_number: number
      readonly end_page_number: number
    })
  | (DocumentCitation & {
      readonly type: 'content_block_location'
      readonly start_block_index: number
      readonly end_block_index: number
    })
  | {
      readonly type: 'search_result_location'
      readonly cited_text: string
      readonly source: string
      readonly title: string | null
      readonly search_result_index: number
      readonly start_block_index: number
      readonly end_block_index: number
    }
  | {
      readonly type: 'web_search_result_location'
      readonly cited_text: string
      readonly url: string
      readonly title: string | null
      readonly encrypted_index: string
    }

interface DocumentCitation {
  readonly cited_text: string
  readonly document_index: number
  readonly document_title: string | null
  readonly file_id?: string | null
}
