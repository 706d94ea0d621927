import type { JsonObject } from '../body/json-value.ts'

/**
 * A Converse request that `readSmithyShape` has read (@aws-sdk/client-bedrock-runtime 3.1164, 2026). The
 * members of a union are optional here, but exactly one is present. Bytes are base64.
 */
export interface ConverseRequest {
  readonly messages: readonly ConverseTurn[]
  readonly system?: readonly ConverseSystemBlock[]
  readonly inferenceConfig?: {
    readonly maxTokens?: number
    readonly temperature?: number
    readonly topP?: number
    readonly stopSequences?: readonly string[]
  }
  readonly toolConfig?: ConverseToolConfig
  readonly outputConfig?: { readonly textFormat?: ConverseTextFormat; readonly effort?: string }
  readonly additionalModelRequestFields?: JsonObject
  readonly additionalModelResponseFieldPaths?: readonly string[]
  readonly requestMetadata?: Readonly<Record<string, string>>
  readonly serviceTier?: { readonly type: string }
  readonly performanceConfig?: { readonly latency?: string }
  readonly guardrailConfig?: JsonObject
  readonly promptVariables?: JsonObject
}

export interface CountTokensRequest {
  readonly input: { readonly converse: ConverseRequest }
}

export interface ConverseTurn {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: readonly ConverseBlock[]
}

export interface ConverseBlock {
  readonly text?: string
  readonly image?: ConverseImage
  readonly document?: ConverseDocument
  readonly toolUse?: ConverseToolUse
  readonly toolResult?: ConverseToolResult
  readonly reasoningContent?: ConverseReasoning
  readonly cachePoint?: ConverseCachePoint
  readonly citationsContent?: ConverseCitedText
  readonly searchResult?: ConverseSearchResult
  readonly guardContent?: ConverseGuardContent
  readonly toolAddition?: ConverseToolChange
  readonly toolRemoval?: ConverseToolChange
  readonly video?: JsonObject
  readonly audio?: JsonObject
}

export interface ConverseSystemBlock {
  readonly text?: string
  readonly guardContent?: ConverseGuardContent
  readonly cachePoint?: ConverseCachePoint
}

export interface ConverseCachePoint {
  readonly type: 'default'
  readonly ttl?: '5m' | '1h'
}

export interface ConverseImage {
  readonly format: string
  readonly source: { readonly bytes?: string; readonly s3Location?: JsonObject }
}

export interface ConverseDocument {
  readonly name: string
  readonly format?: string
  readonly source: {
    readonly bytes?: string
    readonly s3Location?: JsonObject
    readonly text?: string
    readonly content?: readonly { readonly text: string }[]
  }
  readonly context?: string
  readonly citations?: { readonly enabled: boolean }
}

export interface ConverseSearchResult {
  readonly source: string
  readonly title: string
  readonly content: readonly { readonly text: string }[]
  readonly citations?: { readonly enabled: boolean }
}

export interface ConverseToolUse {
  readonly toolUseId: string
  readonly name: string
  readonly input: JsonObject
  readonly type?: 'server_tool_use'
}

export interface ConverseToolResult {
  readonly toolUseId: string
  readonly content: readonly {
    readonly json?: JsonObject
    readonly text?: string
    readonly image?: ConverseImage
    readonly document?: ConverseDocument
    readonly video?: JsonObject
    readonly searchResult?: ConverseSearchResult
  }[]
  readonly status?: 'success' | 'error'
  readonly type?: string
}

export interface ConverseReasoning {
  readonly reasoningText?: { readonly text: string; readonly signature?: string }
  readonly redactedContent?: string
}

export interface ConverseCitedText {
  readonly content?: readonly { readonly text: string }[]
  readonly citations?: readonly ConverseCitation[]
}

export interface ConverseCitation {
  readonly title?: string
  readonly source?: string
  readonly sourceContent?: readonly { readonly text: string }[]
  readonly location?: {
    readonly web?: { readonly url?: string; readonly domain?: string }
    readonly documentChar?: ConverseSpan
    readonly documentPage?: ConverseSpan
    readonly documentChunk?: ConverseSpan
    readonly searchResultLocation?: {
      readonly searchResultIndex?: number
      readonly start?: number
      readonly end?: number
    }
  }
}

export interface ConverseSpan {
  readonly documentIndex?: number
  readonly start?: number
  readonly end?: number
}

export interface ConverseGuardContent {
  readonly text?: { readonly text: string; readonly qualifiers?: readonly string[] }
  readonly image?: ConverseImage
}

export interface ConverseToolChange {
  readonly tool: { readonly type?: string; readonly name?: string; readonly serverName?: string }
}

export interface ConverseToolConfig {
  readonly tools: readonly {
    readonly toolSpec?: {
      readonly name: string
      readonly description?: string
      readonly inputSchema: { readonly json: JsonObject }
      readonly strict?: boolean
    }
    readonly systemTool?: { readonly name: string }
    readonly cachePoint?: ConverseCachePoint
  }[]
  readonly toolChoice?: {
    readonly auto?: JsonObject
    readonly any?: JsonObject
    readonly tool?: { readonly name: string }
  }
}

export interface ConverseTextFormat {
  readonly type: 'json_schema'
  readonly structure: {
    readonly jsonSchema: {
      readonly schema: string
      readonly name?: string
      readonly description?: string
    }
  }
}

/** Observed on Bedrock, whose error then names a missing `type`. */
export const textDocumentCached = 'Bedrock refuses a cache point after a document that is not a PDF'

export function isTextDocument(block: ConverseBlock | undefined): boolean {
  return block?.document !== undefined && block.document.format !== 'pdf'
}
