import {
  blob,
  boolean,
  float,
  integer,
  jsonObject,
  list,
  map,
  nonEmpty,
  oneOf,
  string,
  structure,
  union,
} from './smithy-shape.ts'
import type { SmithyShape } from './smithy-shape.ts'

/**
 * The request of Converse and ConverseStream in AWS's model (the shapes of @aws-sdk/client-bedrock-runtime
 * 3.1164, 2026; lengths and patterns of the API reference at docs.aws.amazon.com/bedrock/latest/APIReference,
 * API_runtime_Converse).
 */
const toolName: SmithyShape = { kind: 'string', min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ }
const toolUseId: SmithyShape = { kind: 'string', min: 1, max: 64, pattern: /^[a-zA-Z0-9_.:-]+$/ }

const s3Location = structure({ uri: nonEmpty }, { bucketOwner: string })
const cachePoint = structure({ type: oneOf('default') }, { ttl: oneOf('5m', '1h') })
const imageFormat = oneOf('png', 'jpeg', 'gif', 'webp')
const image = structure({
  format: imageFormat,
  source: union('ImageSource', { bytes: blob, s3Location }),
})
const citationsConfig = structure({ enabled: boolean })

const document = structure(
  {
    name: { kind: 'string', min: 1, max: 200 },
    source: union('DocumentSource', {
      bytes: blob,
      s3Location,
      text: string,
      content: list(union('DocumentContentBlock', { text: string })),
    }),
  },
  {
    format: oneOf('pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'),
    context: string,
    citations: citationsConfig,
  },
)

const searchResult = structure(
  { source: string, title: string, content: list(structure({ text: string })) },
  { citations: citationsConfig },
)

/** Not validated in detail, because no Claude model accepts these media. */
const media = structure({}, { format: string, source: structure({}, { bytes: blob, s3Location }) })

const guardContent = union('GuardrailConverseContentBlock', {
  text: structure(
    { text: string },
    { qualifiers: list(oneOf('grounding_source', 'query', 'guard_content')) },
  ),
  image: structure({
    format: oneOf('png', 'jpeg'),
    source: union('GuardrailConverseImageSource', { bytes: blob }),
  }),
})

const span = { documentIndex: integer(0), start: integer(0), end: integer(0) }
export const citation = structure(
  {},
  {
    title: string,
    source: string,
    sourceContent: list(union('CitationSourceContent', { text: string })),
    location: union('CitationLocation', {
      web: structure({}, { url: string, domain: string }),
      documentChar: structure({}, span),
      documentPage: structure({}, span),
      documentChunk: structure({}, span),
      searchResultLocation: structure(
        {},
        { searchResultIndex: integer(0), start: integer(0), end: integer(0) },
      ),
    }),
  },
)

const toolChange = structure({ tool: structure({}, { type: string, name: string, serverName: string }) })

const contentBlock = union('ContentBlock', {
  text: string,
  image,
  toolUse: structure({ toolUseId, name: toolName, input: jsonObject }, { type: oneOf('server_tool_use') }),
  toolResult: structure(
    {
      toolUseId,
      content: list(
        union('ToolResultContentBlock', {
          json: jsonObject,
          text: string,
          image,
          document,
          video: media,
          searchResult,
        }),
      ),
    },
    { status: oneOf('success', 'error'), type: string },
  ),
  document,
  video: media,
  cachePoint,
  reasoningContent: union('ReasoningContentBlock', {
    reasoningText: structure({ text: string }, { signature: string }),
    redactedContent: blob,
  }),
  citationsContent: structure(
    {},
    { content: list(union('CitationGeneratedContent', { text: string })), citations: list(citation) },
  ),
  searchResult,
  guardContent,
  audio: media,
  toolAddition: toolChange,
  toolRemoval: toolChange,
})

const messages = list(structure({ role: oneOf('user', 'assistant', 'system'), content: list(contentBlock) }))
const system = list(union('SystemContentBlock', { text: string, guardContent, cachePoint }))
const nothing = structure({})
const toolConfig = structure(
  {
    tools: list(
      union('Tool', {
        toolSpec: structure(
          { name: toolName, inputSchema: union('ToolInputSchema', { json: jsonObject }) },
          { description: nonEmpty, strict: boolean },
        ),
        systemTool: structure({ name: toolName }),
        cachePoint,
      }),
      1,
    ),
  },
  { toolChoice: union('ToolChoice', { auto: nothing, any: nothing, tool: structure({ name: toolName }) }) },
)

const textFormat = structure({
  type: oneOf('json_schema'),
  structure: union('OutputFormatStructure', {
    jsonSchema: structure({ schema: string }, { name: string, description: string }),
  }),
})

export const converseRequest = structure(
  { messages },
  {
    system,
    inferenceConfig: structure(
      {},
      {
        maxTokens: integer(1),
        temperature: float(0, 1),
        topP: float(0, 1),
        stopSequences: list(nonEmpty, 0, 2_500),
      },
    ),
    toolConfig,
    outputConfig: structure({}, { textFormat, effort: string }),
    additionalModelRequestFields: jsonObject,
    additionalModelResponseFieldPaths: list({ kind: 'string', min: 1, max: 256 }, 0, 10),
    requestMetadata: map({ kind: 'string', max: 256 }, 16),
    serviceTier: structure({ type: oneOf('priority', 'default', 'flex', 'reserved') }),
    performanceConfig: structure({}, { latency: oneOf('standard', 'optimized') }),
    guardrailConfig: jsonObject,
    promptVariables: jsonObject,
  },
)

/** The members of a Converse request that CountTokens accepts, unless it gets an InvokeModel body. */
export const countTokensRequest = structure({
  input: structure({
    converse: structure({ messages }, { system, toolConfig, additionalModelRequestFields: jsonObject }),
  }),
})

export const tokenUsage = structure(
  { inputTokens: integer(0), outputTokens: integer(0) },
  {
    cacheReadInputTokens: integer(0),
    cacheWriteInputTokens: integer(0),
    cacheDetails: list(structure({ ttl: string, inputTokens: integer(0) })),
  },
)

/** The response of Converse; other members of a real response are not read. */
export const converseResponse = structure(
  {
    output: union('ConverseOutput', { message: structure({ role: string, content: list(contentBlock) }) }),
    stopReason: string,
    usage: tokenUsage,
  },
  { additionalModelResponseFields: jsonObject },
)
