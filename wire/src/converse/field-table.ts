/**
 * The mapping of each field between Converse and Messages. Tests check the translators with an example of
 * every row, and docs/converse.md against the rows.
 */
export interface ConverseField {
  /** The path in Converse, or null if Converse has no equivalent. */
  readonly converse: string | null
  readonly messages: string | null
  /** Null if the field does not exist on that side. */
  readonly toMessages: Mapping | null
  readonly toConverse: Mapping | null
  readonly note: string
}

/**
 * `mapped`: the same value under its other name. `moved`: in another place or form. `refused`: a request with
 * the field is rejected by name. `ignored`: the field has no effect, which a notice reports if it could be
 * missed.
 */
export type Mapping = 'mapped' | 'moved' | 'refused' | 'ignored'

type Row = readonly [
  converse: string | null,
  messages: string | null,
  toMessages: Mapping | null,
  toConverse: Mapping | null,
  note?: string,
]

const turns: readonly Row[] = [
  ['messages[].role', 'messages[].role', 'mapped', 'mapped', 'user, assistant, system'],
  ['text', 'text', 'mapped', 'mapped', 'A blank text is refused, as the service does'],
  ['image.source.bytes', 'image.source (base64)', 'mapped', 'mapped'],
  ['image.source.s3Location', null, 'refused', null, 'Claude takes no S3 locations on Bedrock'],
  [null, 'image.source (url, file)', null, 'refused', 'Bedrock fetches nothing and has no files'],
  [null, 'image.transformations', null, 'refused'],
  ['document.source.bytes (pdf)', 'document.source (base64)', 'mapped', 'mapped'],
  ['document.source.bytes (txt)', 'document.source (text)', 'mapped', 'mapped', 'The bytes have to be UTF-8'],
  [
    'document.source.bytes (md, html, csv)',
    null,
    'moved',
    null,
    'Becomes plain text as it is; the format is lost',
  ],
  [
    'document.source.bytes (doc, docx, xls, xlsx)',
    null,
    'refused',
    null,
    'The service extracts their text in ways that it does not publish',
  ],
  ['document.source.text', null, 'mapped', null, 'A notice without citations, where the service refuses it'],
  ['document.source.content', 'document.source (content)', 'mapped', 'mapped', 'Texts only'],
  ['document.source.s3Location', null, 'refused', null],
  [null, 'document.source (url, file)', null, 'refused'],
  ['document.name', 'document.title', 'mapped', 'mapped', 'Unique and of few characters, or refused'],
  [null, 'document.title (no name for Converse)', null, 'ignored', 'document-N stands for it'],
  ['document.context', 'document.context', 'mapped', 'mapped'],
  ['document.citations', 'document.citations', 'mapped', 'mapped'],
  ['searchResult', 'search_result', 'mapped', 'mapped'],
  ['toolUse', 'tool_use', 'mapped', 'mapped', 'Ids and names of at most 64 characters'],
  ['toolUse.type', null, 'refused', null, 'Tools of the server are not for Claude'],
  [null, 'tool_use.caller', null, 'refused'],
  ['toolResult.content[].text', 'tool_result.content[] (text)', 'mapped', 'mapped'],
  ['toolResult.content[].json', null, 'moved', null, 'Becomes its text; numbers keep their digits'],
  ['toolResult.content[].image', 'tool_result.content[] (image)', 'mapped', 'mapped'],
  ['toolResult.content[].document', 'tool_result.content[] (document)', 'mapped', 'mapped'],
  ['toolResult.content[].searchResult', 'tool_result.content[] (search_result)', 'mapped', 'mapped'],
  ['toolResult.content[].video', null, 'refused', null],
  [null, 'tool_result.content[].cache_control', null, 'refused', 'A cache point stands between blocks only'],
  [null, 'tool_result.content[] (tool_reference, browser_state)', null, 'refused'],
  ['toolResult.status', 'tool_result.is_error', 'mapped', 'mapped'],
  ['toolResult.type', null, 'refused', null],
  ['reasoningContent.reasoningText', 'thinking', 'mapped', 'mapped', 'Text and signature unchanged'],
  [
    'reasoningContent.redactedContent',
    'redacted_thinking',
    'mapped',
    'mapped',
    'The same base64 on both sides',
  ],
  ['cachePoint', 'cache_control', 'moved', 'moved', 'A block of its own, right after the one it marks'],
  ['cachePoint (nothing before it)', null, 'refused', null],
  ['cachePoint (after reasoningContent)', null, 'refused', null],
  ['citationsContent', 'text.citations', 'moved', 'moved', 'The text and its citations are one block there'],
  [
    'citationsContent.citations[].location.web',
    'text.citations[] (web_search_result_location)',
    'refused',
    'refused',
    'Its encrypted_index has no member in Converse',
  ],
  ['guardContent', null, 'moved', null, 'Goes to the model as text or image, with a notice'],
  ['toolAddition, toolRemoval', 'tool_addition, tool_removal', 'mapped', 'mapped', 'In system turns'],
  [null, 'tool_addition.tool (tool_definition)', null, 'refused'],
  ['video, audio', null, 'refused', null],
  [null, 'server_tool_use and all results of server tools', null, 'refused', 'Not on Bedrock'],
  [null, 'mcp_tool_use, mcp_tool_result, container_upload', null, 'refused', 'Not on Bedrock'],
  [null, 'messages[].clear_at, messages[].output_config', null, 'refused'],
]

const settings: readonly Row[] = [
  ['system[].text', 'system', 'mapped', 'mapped'],
  ['system[].cachePoint', 'system[].cache_control', 'moved', 'moved'],
  ['system[].guardContent', null, 'moved', null],
  ['toolConfig.tools[].toolSpec', 'tools[]', 'mapped', 'mapped', 'Name, description, schema, strict'],
  ['toolConfig.tools[].cachePoint', 'tools[].cache_control', 'moved', 'moved'],
  ['toolConfig.tools[].systemTool', null, 'refused', null],
  [null, "tools[] of the provider's own types", null, 'moved', 'To additionalModelRequestFields.tools'],
  [null, 'tools[] with further options', null, 'moved', 'Likewise: defer_loading and others'],
  ['toolConfig.toolChoice', 'tool_choice', 'mapped', 'mapped', 'auto, any, tool'],
  [null, 'tool_choice (none)', null, 'moved', 'To additionalModelRequestFields.tool_choice'],
  [null, 'tool_choice.disable_parallel_tool_use', null, 'moved', 'Likewise, with all of tool_choice'],
  ['inferenceConfig.maxTokens', 'max_tokens', 'mapped', 'mapped', 'Left out, the most that the model can'],
  ['inferenceConfig.temperature', 'temperature', 'mapped', 'mapped'],
  ['inferenceConfig.topP', 'top_p', 'mapped', 'mapped'],
  ['inferenceConfig.stopSequences', 'stop_sequences', 'mapped', 'mapped'],
  [
    'outputConfig.textFormat',
    'output_config.format',
    'mapped',
    'mapped',
    'The schema is a string in Converse',
  ],
  ['outputConfig.textFormat (name, description)', null, 'ignored', null],
  ['outputConfig.effort', 'output_config.effort', 'mapped', 'mapped'],
  [null, 'output_config.task_budget', null, 'moved', 'To additionalModelRequestFields.output_config'],
  [
    'additionalModelRequestFields',
    'top_k, thinking, metadata and all others',
    'moved',
    'moved',
    'Members of the body in Messages',
  ],
  [
    'additionalModelRequestFields (set by Converse)',
    null,
    'refused',
    null,
    'But for tools and output_config',
  ],
  ['additionalModelRequestFields.anthropic_beta', 'header anthropic-beta', 'moved', 'moved'],
  ['additionalModelRequestFields.reasoning_config', null, 'moved', null, 'Becomes thinking, with a notice'],
  ['additionalModelResponseFieldPaths', null, 'moved', null, 'For the answer; see there'],
  ['requestMetadata', null, 'ignored', null, 'A notice: it is not kept'],
  ['serviceTier (default)', 'service_tier (standard_only)', 'ignored', 'moved'],
  ['serviceTier (flex, priority, reserved)', null, 'ignored', null, 'A notice; the default tier serves'],
  [null, 'service_tier (auto)', null, 'ignored', 'A notice'],
  ['performanceConfig.latency (standard)', null, 'ignored', null],
  ['performanceConfig.latency (optimized)', null, 'refused', null],
  ['guardrailConfig', null, 'refused', null, 'A guardrail that does not guard would be worse'],
  ['promptVariables', null, 'refused', null, 'They belong to prompts that AWS keeps'],
  ['any other member', null, 'ignored', null, 'A notice; the service reads over it too'],
  [null, 'cache_control (top level)', null, 'refused', 'Not on the runtime of Bedrock'],
  [null, 'stream', null, 'moved', 'The path contains it'],
]

const answers: readonly Row[] = [
  ['text', 'text', 'mapped', 'mapped'],
  ['citationsContent', 'text.citations', 'moved', 'moved'],
  ['reasoningContent.reasoningText', 'thinking', 'mapped', 'mapped'],
  ['reasoningContent.redactedContent', 'redacted_thinking', 'mapped', 'mapped', 'If it is base64'],
  ['toolUse', 'tool_use', 'mapped', 'mapped'],
  [null, 'blocks of server tools', null, 'ignored', 'Left out, with a notice; the indexes close up'],
  ['stopReason', 'stop_reason', 'mapped', 'mapped', 'The same words, but for the rows that follow'],
  ['stopReason (content_filtered)', 'stop_reason (refusal)', 'mapped', 'mapped', 'Uncertain'],
  ['stopReason (guardrail_intervened)', null, 'moved', null, 'Becomes refusal'],
  ['stopReason (malformed_model_output, malformed_tool_use)', null, 'moved', null, 'Become end_turn'],
  [null, 'stop_reason (pause_turn)', null, 'moved', 'Becomes end_turn'],
  ['additionalModelResponseFields', 'stop_sequence', 'moved', 'moved', 'As far as the paths ask for it'],
  ['usage.inputTokens', 'usage.input_tokens', 'mapped', 'mapped', 'Without the cache on both sides'],
  ['usage.outputTokens', 'usage.output_tokens', 'mapped', 'mapped'],
  ['usage.cacheReadInputTokens', 'usage.cache_read_input_tokens', 'mapped', 'mapped'],
  ['usage.cacheWriteInputTokens', 'usage.cache_creation_input_tokens', 'mapped', 'mapped'],
  ['usage.cacheDetails', 'usage.cache_creation', 'mapped', 'mapped', 'The longer life first'],
  ['usage.totalTokens', null, 'ignored', null, 'All four added up'],
  ['metrics.latencyMs', null, 'ignored', null],
  ['serviceTier', null, 'ignored', null, 'The default one, where one was asked for'],
  [null, 'id, model, stop_details and the rest', null, 'ignored', 'Converse has no place for them'],
]

export const converseFields: Readonly<Record<'turns' | 'settings' | 'answers', readonly ConverseField[]>> = {
  turns: turns.map(createField),
  settings: settings.map(createField),
  answers: answers.map(createField),
}

function createField([converse, messages, toMessages, toConverse, note = '']: Row): ConverseField {
  return { converse, messages, toMessages, toConverse, note }
}
