import type { ChatTarget } from '../../src/openai/chat-options.ts'
import { capable } from './translated.ts'

/** Members of a chat request, and those of its translation. */
export interface FieldExample {
  readonly chat: object
  readonly messages?: object
  readonly target?: ChatTarget
}

const mark = { type: 'ephemeral' }
const user = (content: unknown) => ({ role: 'user', content })
const say = (...parts: readonly object[]) => ({ messages: [user([{ type: 'text', text: 'a' }, ...parts])] })
const text = (words: string) => ({ type: 'text', text: words })
const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }
const note = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a' } }
const image = { type: 'image', source: { type: 'url', url: 'https://a/b.png' } }
const imageUrl = { type: 'image_url', image_url: { url: 'https://a/b.png' } }
/** Some platforms take no URLs. */
const dataImage = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } }
const dataUrl = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } }
const answer = (turn: object) => ({ role: 'assistant', content: 'b', ...turn })
const history = (turn: object) => ({ messages: [user('a'), answer(turn), user('c')] })
const called = (id: string, name = 'f') => ({ id, function: { name, arguments: '{}' } })
const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} })
const returned = (id: string, content = 'r') => ({ role: 'tool', tool_call_id: id, content })
const result = (id: string, content = 'r') => ({ type: 'tool_result', tool_use_id: id, content })
const calling = (...ids: readonly string[]) =>
  answer({ content: null, tool_calls: ids.map((id) => called(id)) })
const used = (...ids: readonly string[]) => ({ role: 'assistant', content: ids.map(use) })
const schema = { type: 'object', properties: { a: {} } }
const closed = { ...schema, additionalProperties: false }
const tool = { name: 'f', input_schema: schema }
const wrapped = { type: 'function', function: { name: 'f', parameters: schema } }
const format = (given: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'n', schema: given } },
})
const budget = { type: 'enabled', budget_tokens: 2_000 }

export const turnExamples: Readonly<Record<string, FieldExample>> = {
  'system, developer messages': {
    chat: { messages: [{ role: 'system', content: 'x' }, user('a'), { role: 'developer', content: 'y' }] },
    messages: { system: 'x\ny', messages: [user('a')] },
  },
  text: { chat: say({ type: 'input_text', text: 'b' }), messages: say(text('b')) },
  'text (blank)': {
    chat: { messages: [user('a'), answer({ content: '' })] },
    messages: { messages: [user('a')] },
  },
  'user content (blank, last message)': { chat: { messages: [user(' ')] } },
  refusal: {
    chat: history({ content: [{ type: 'refusal', refusal: 'no' }] }),
    messages: history({ content: 'no' }),
  },
  image_url: { chat: say(imageUrl), messages: say(image) },
  'image_url.detail': {
    chat: say({ type: 'image_url', image_url: { ...dataUrl.image_url, detail: 'low' } }),
    messages: say(dataImage),
  },
  'image_url (data of a PDF or text)': {
    chat: say({ type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBERi0=' } }),
    messages: say(pdf),
  },
  'file.file_data (PDF)': {
    chat: say({
      type: 'file',
      file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
    }),
    messages: say({ ...pdf, title: 'a.pdf' }),
  },
  'file.file_data (text)': {
    chat: say({ type: 'file', file: { file_data: 'data:text/csv;base64,YQ==' } }),
    messages: say(note),
  },
  'file.file_data (other types)': {
    chat: say({ type: 'file', file: { filename: 'a.zip', file_data: 'UEs=' } }, dataUrl),
    messages: say(dataImage),
  },
  'file.file_id': {
    chat: say({ type: 'file', file: { file_id: 'file_1' } }),
    messages: say({ type: 'document', source: { type: 'file', file_id: 'file_1' } }),
  },
  'input_audio, audio': {
    chat: say({ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } }, dataUrl),
    messages: say(dataImage),
  },
  'image, document, search_result': { chat: say(dataImage, note), messages: say(dataImage, note) },
  'tool_use, tool_result': {
    chat: { messages: [user('a'), used('x'), user([result('x')])] },
    messages: { messages: [user('a'), used('x'), user([result('x')])] },
  },
  'thinking (with signature), redacted_thinking': {
    chat: history({ content: [{ type: 'thinking', thinking: 't', signature: 's' }, text('b')] }),
    messages: history({ content: [{ type: 'thinking', thinking: 't', signature: 's' }, text('b')] }),
  },
  'thinking (without signature)': {
    chat: history({ content: [{ type: 'thinking', thinking: 't' }, text('b')] }),
    messages: history({}),
  },
  'reasoning, reasoning_content': { chat: history({ reasoning_content: 't' }), messages: history({}) },
  'name and any other member of a message': { chat: history({ name: 'ann' }), messages: history({}) },
  tool_calls: {
    chat: { messages: [user('a'), calling('x'), returned('x')] },
    messages: { messages: [user('a'), used('x'), user([result('x')])] },
  },
  'tool_calls (custom)': {
    chat: {
      messages: [
        user('a'),
        answer({
          content: null,
          tool_calls: [{ id: 'x', type: 'custom', custom: { name: 'f', input: 'i' } }],
        }),
        returned('x'),
      ],
    },
    messages: {
      messages: [
        user('a'),
        { role: 'assistant', content: [{ ...use('x'), input: { input: 'i' } }] },
        user([result('x')]),
      ],
    },
  },
  'tool_calls[].function.arguments (no JSON object)': {
    chat: {
      messages: [
        user('a'),
        answer({ content: null, tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{"a' } }] }),
        returned('x'),
      ],
    },
    messages: {
      messages: [
        user('a'),
        { role: 'assistant', content: [{ ...use('x'), input: { arguments: '{"a' } }] },
        user([result('x')]),
      ],
    },
  },
  'tool_calls[].id, tool_call_id': {
    chat: { messages: [user('a'), calling('x:0'), returned('x:0')] },
    messages: { messages: [user('a'), used('esc_x_3a_0'), user([result('esc_x_3a_0')])] },
  },
  'tool messages': {
    chat: { messages: [user('a'), calling('x', 'y'), user('c'), returned('y'), returned('x')] },
    messages: { messages: [user('a'), used('x', 'y'), user([result('x'), result('y'), text('c')])] },
  },
  'tool messages (missing)': {
    chat: { messages: [user('a'), calling('x'), user('c')] },
    messages: {
      messages: [
        user('a'),
        used('x'),
        user([{ ...result('x', 'No result: the call was interrupted.'), is_error: true }, text('c')]),
      ],
    },
  },
  'tool messages (repeated, or without a call)': {
    chat: { messages: [returned('z'), user('a'), calling('x'), returned('x'), returned('x', 'again')] },
    messages: { messages: [user('a'), used('x'), user([result('x')])] },
  },
  'tool messages (last message, without a call)': { chat: { messages: [user('a'), returned('x')] } },
  'function_call, function messages': {
    chat: {
      messages: [
        user('a'),
        answer({ content: null, function_call: { name: 'f', arguments: '{}' } }),
        { role: 'function', name: 'f', content: 'r' },
      ],
    },
    messages: { messages: [user('a'), used('call_function_1'), user([result('call_function_1')])] },
  },
  cache_control: {
    chat: say({ ...text('b'), cache_control: mark }),
    messages: say({ ...text('b'), cache_control: mark }),
  },
}

const fixed: ChatTarget = { ...capable, sampling: 'default_only' }
const either: ChatTarget = { ...capable, sampling: 'temperature_xor_top_p' }

export const settingExamples: Readonly<Record<string, FieldExample>> = {
  model: { chat: { model: 'claude-opus-4-5' }, messages: { model: 'claude-opus-4-5' } },
  'max_completion_tokens, max_tokens': {
    chat: { max_tokens: 1, max_completion_tokens: 2 },
    messages: { max_tokens: 2 },
  },
  stream: { chat: { stream: true }, messages: { stream: true } },
  'stream_options.include_usage': { chat: { stream_options: { include_usage: true } } },
  'n (1)': { chat: { n: 1 } },
  'n (others)': { chat: { n: 2 } },
  stop: { chat: { stop: 'x' }, messages: { stop_sequences: ['x'] } },
  'stop (blank)': { chat: { stop: ['x', '\n'] }, messages: { stop_sequences: ['x'] } },
  temperature: { chat: { temperature: 2 }, messages: { temperature: 1 } },
  'top_p, top_k': { chat: { top_p: 0.5, top_k: 3 }, messages: { top_p: 0.5, top_k: 3 } },
  'temperature, top_p, top_k (model takes only the defaults, or thinking is on)': {
    chat: { temperature: 0.5 },
    target: fixed,
  },
  'top_p (model takes either this or temperature)': {
    chat: { temperature: 0.5, top_p: 0.5 },
    messages: { temperature: 0.5 },
    target: either,
  },
  'tools[].function, functions': { chat: { tools: [wrapped] }, messages: { tools: [tool] } },
  'tools[] (flat function)': {
    chat: { tools: [{ type: 'function', name: 'f', parameters: schema }] },
    messages: { tools: [tool] },
  },
  'tools[] (with input_schema, or of a dated type)': {
    chat: { tools: [tool, { type: 'bash_20250124', name: 'bash' }] },
    messages: { tools: [tool, { type: 'bash_20250124', name: 'bash' }] },
  },
  'tools[] (custom and other types)': { chat: { tools: [{ type: 'custom', custom: { name: 'f' } }] } },
  'tools[].function.strict': {
    chat: { tools: [{ ...wrapped, function: { ...wrapped.function, strict: true } }] },
    messages: { tools: [tool] },
  },
  'tools[].cache_control': {
    chat: { tools: [{ ...wrapped, cache_control: mark }] },
    messages: { tools: [{ ...tool, cache_control: mark }] },
  },
  'tool_choice (auto, none, required, any)': {
    chat: { tools: [wrapped], tool_choice: 'required' },
    messages: { tools: [tool], tool_choice: { type: 'any' } },
  },
  'tool_choice (a function), function_call': {
    chat: { tools: [wrapped], tool_choice: { type: 'function', function: { name: 'f' } } },
    messages: { tools: [tool], tool_choice: { type: 'tool', name: 'f' } },
  },
  'tool_choice (allowed_tools)': {
    chat: {
      tools: [wrapped, { type: 'function', function: { name: 'g' } }],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
      },
    },
    messages: { tools: [tool], tool_choice: { type: 'auto' } },
  },
  'tool_choice (others)': { chat: { tools: [wrapped], tool_choice: 'some' } },
  'parallel_tool_calls (false)': {
    chat: { tools: [wrapped], parallel_tool_calls: false },
    messages: { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
  },
  'response_format (json_schema)': {
    chat: format(schema),
    messages: { output_config: { format: { type: 'json_schema', schema: closed } } },
  },
  'response_format (json_schema of an open object)': { chat: format({ type: 'object' }) },
  'response_format (json_schema, model without structured outputs)': {
    chat: format(closed),
    target: { ...capable, jsonSchema: false },
  },
  'response_format (json_object)': { chat: { response_format: { type: 'json_object' } } },
  'response_format (text)': { chat: { response_format: { type: 'text' } } },
  reasoning_effort: { chat: { reasoning_effort: 'minimal' }, messages: { output_config: { effort: 'low' } } },
  'reasoning_effort (none)': {
    chat: { reasoning_effort: 'none' },
    messages: { thinking: { type: 'disabled' } },
    target: { ...capable, thinkingOff: 'disabled' },
  },
  'reasoning_effort (model without effort)': {
    chat: { reasoning_effort: 'high' },
    target: { ...capable, efforts: [] },
  },
  thinking: { chat: { thinking: budget }, messages: { thinking: budget } },
  'thinking (budget, after calls without thinking)': {
    chat: { thinking: budget, messages: [user('a'), calling('x'), returned('x')] },
    messages: { messages: [user('a'), used('x'), user([result('x')])] },
  },
  'system, output_config, cache_control': {
    chat: { system: 'x', output_config: { effort: 'low' }, cache_control: mark },
    messages: { system: 'x', output_config: { effort: 'low' }, cache_control: mark },
  },
  'logit_bias, logprobs, top_logprobs, seed': {
    chat: { logit_bias: {}, logprobs: true, top_logprobs: 1, seed: 1 },
  },
  'presence_penalty, frequency_penalty': { chat: { presence_penalty: 1, frequency_penalty: 1 } },
  'user, metadata, store, safety_identifier': {
    chat: { user: 'u', metadata: { a: 'b' }, store: true, safety_identifier: 's' },
  },
  'service_tier, prompt_cache_key, prediction': {
    chat: { service_tier: 'auto', prompt_cache_key: 'k', prediction: { type: 'content', content: 'x' } },
  },
  'verbosity, modalities, audio, web_search_options': {
    chat: { verbosity: 'low', modalities: ['text'], audio: {}, web_search_options: {} },
  },
  'any other member': { chat: { anything: 1 } },
}
