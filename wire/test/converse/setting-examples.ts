import type { FieldExample } from './turn-examples.ts'

const json = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
const toolSpec = { name: 'f', description: 'Does.', inputSchema: { json }, strict: true }
const tool = { name: 'f', description: 'Does.', input_schema: json, strict: true }
const computer = { type: 'computer_20250124', name: 'computer', display_width_px: 9, display_height_px: 9 }
const schema = '{"type":"object","additionalProperties":false}'
const format = { type: 'json_schema', schema: { type: 'object', additionalProperties: false } } as const
const ephemeral = { type: 'ephemeral' } as const
const jsonSchema = (more: object) => ({
  textFormat: { type: 'json_schema', structure: { jsonSchema: { schema, ...more } } },
})

/** By field name: the same setting in both forms, if both exist. */
export const settingExamples: Readonly<Record<string, FieldExample>> = {
  'system[].text': {
    converse: { system: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
    messages: {
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.' },
      ],
    },
  },
  'system[].cachePoint': {
    converse: { system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '5m' } }] },
    messages: { system: [{ type: 'text', text: 'Be brief.', cache_control: { ...ephemeral, ttl: '5m' } }] },
  },
  'system[].guardContent': {
    converse: { system: [{ guardContent: { text: { text: 'Be brief.' } } }] },
    messages: { system: [{ type: 'text', text: 'Be brief.' }] },
  },
  'toolConfig.tools[].toolSpec': {
    converse: { toolConfig: { tools: [{ toolSpec }, { toolSpec: { name: 'g', inputSchema: { json } } }] } },
    messages: { tools: [tool, { name: 'g', input_schema: json }] },
  },
  'toolConfig.tools[].cachePoint': {
    converse: { toolConfig: { tools: [{ toolSpec }, { cachePoint: { type: 'default' } }] } },
    messages: { tools: [{ ...tool, cache_control: ephemeral }] },
  },
  'toolConfig.tools[].systemTool': {
    converse: { toolConfig: { tools: [{ systemTool: { name: 'nova_grounding' } }] } },
  },
  "tools[] of the provider's own types": {
    converse: {
      toolConfig: { tools: [{ toolSpec }] },
      additionalModelRequestFields: { tools: [computer] },
    },
    messages: { tools: [computer, tool] },
  },
  'tools[] with further options': {
    converse: {
      additionalModelRequestFields: {
        tools: [{ ...tool, defer_loading: true }],
        tool_choice: { type: 'any' },
      },
    },
    messages: { tools: [{ ...tool, defer_loading: true }], tool_choice: { type: 'any' } },
  },
  'toolConfig.toolChoice': {
    converse: { toolConfig: { tools: [{ toolSpec }], toolChoice: { tool: { name: 'f' } } } },
    messages: { tools: [tool], tool_choice: { type: 'tool', name: 'f' } },
  },
  'tool_choice (none)': {
    converse: {
      toolConfig: { tools: [{ toolSpec }] },
      additionalModelRequestFields: { tool_choice: { type: 'none' } },
    },
    messages: { tools: [tool], tool_choice: { type: 'none' } },
  },
  'tool_choice.disable_parallel_tool_use': {
    converse: {
      toolConfig: { tools: [{ toolSpec }] },
      additionalModelRequestFields: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    },
    messages: { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
  },
  'inferenceConfig.maxTokens': {
    converse: { inferenceConfig: { maxTokens: 7 } },
    messages: { max_tokens: 7 },
  },
  'inferenceConfig.temperature': {
    converse: { inferenceConfig: { temperature: 0.25 } },
    messages: { temperature: 0.25 },
  },
  'inferenceConfig.topP': { converse: { inferenceConfig: { topP: 0.5 } }, messages: { top_p: 0.5 } },
  'inferenceConfig.stopSequences': {
    converse: {
      inferenceConfig: { stopSequences: ['END', '\n\n'] },
      additionalModelResponseFieldPaths: ['/stop_sequence', '/delta/stop_sequence'],
    },
    messages: { stop_sequences: ['END', '\n\n'] },
  },
  'outputConfig.textFormat': {
    converse: { outputConfig: jsonSchema({}) },
    messages: { output_config: { format } },
  },
  'outputConfig.textFormat (name, description)': {
    converse: { outputConfig: jsonSchema({ name: 'n', description: 'd' }) },
    left: { output_config: { format } },
  },
  'outputConfig.effort': {
    converse: { outputConfig: { effort: 'low' } },
    messages: { output_config: { effort: 'low' } },
  },
  'output_config.task_budget': {
    converse: {
      outputConfig: { effort: 'low' },
      additionalModelRequestFields: { output_config: { task_budget: { type: 'tokens', total: 9 } } },
    },
    messages: { output_config: { effort: 'low', task_budget: { type: 'tokens', total: 9 } } },
  },
  additionalModelRequestFields: {
    converse: {
      additionalModelRequestFields: {
        top_k: 5,
        thinking: { type: 'enabled', budget_tokens: 1_024 },
        metadata: { user_id: 'u' },
      },
    },
    messages: {
      top_k: 5,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      metadata: { user_id: 'u' },
    },
  },
  'additionalModelRequestFields (set by Converse)': {
    converse: { system: [{ text: 'a' }], additionalModelRequestFields: { system: 'b' } },
  },
  'additionalModelRequestFields.anthropic_beta': {
    converse: { additionalModelRequestFields: { anthropic_beta: ['context-1m-2025-08-07'] } },
    messages: {},
    betas: ['context-1m-2025-08-07'],
  },
  'additionalModelRequestFields.reasoning_config': {
    converse: {
      additionalModelRequestFields: { reasoning_config: { type: 'enabled', budget_tokens: 1_024 } },
    },
    messages: { thinking: { type: 'enabled', budget_tokens: 1_024 } },
  },
  additionalModelResponseFieldPaths: { converse: { additionalModelResponseFieldPaths: ['/stop_sequence'] } },
  requestMetadata: { converse: { requestMetadata: { team: 'blue' } } },
  'serviceTier (default)': {
    converse: { serviceTier: { type: 'default' } },
    messages: { service_tier: 'standard_only' },
  },
  'serviceTier (flex, priority, reserved)': { converse: { serviceTier: { type: 'priority' } } },
  'service_tier (auto)': { messages: { service_tier: 'auto' } },
  'performanceConfig.latency (standard)': { converse: { performanceConfig: { latency: 'standard' } } },
  'performanceConfig.latency (optimized)': { converse: { performanceConfig: { latency: 'optimized' } } },
  guardrailConfig: { converse: { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } } },
  promptVariables: { converse: { promptVariables: { a: { text: 'b' } } } },
  'any other member': { converse: { inferenceConfig: { topK: 3 }, fallbacks: [] } },
  'cache_control (top level)': { messages: { cache_control: ephemeral } },
  stream: { converse: {}, messages: { stream: true } },
}
