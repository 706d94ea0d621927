/**
 * The effect of each member of a chat request. Tests check the translation with an example of every row, and
 * docs/openai.md against the rows.
 */
export interface ChatField {
  readonly chat: string
  /** The place in the Messages request, or null if there is none. */
  readonly messages: string | null
  readonly mapping: ChatMapping
  readonly note: string
}

/**
 * `mapped`: the same value, perhaps under another name. `moved`: in another place or form. `refused`: the request is
 * rejected with an error that names the member. `ignored`: without effect, which a notice reports.
 */
export type ChatMapping = 'mapped' | 'moved' | 'refused' | 'ignored'

type Row = readonly [chat: string, messages: string | null, mapping: ChatMapping, note?: string]

const turns: readonly Row[] = [
  ['system, developer messages', 'system', 'moved', 'To the front, joined by line breaks'],
  ['text', 'text', 'mapped', 'Also input_text and output_text'],
  ['text (blank)', null, 'ignored', 'An assistant message with nothing left is left out'],
  ['user content (blank, last message)', null, 'refused', 'There is no question to answer'],
  ['refusal', 'text', 'moved', 'Part or member of assistant messages'],
  [
    'image_url',
    'image',
    'mapped',
    'A URL, or a data URL with any spelling of its type; image/jpg is image/jpeg',
  ],
  ['image_url.detail', null, 'ignored'],
  ['image_url (data of a PDF or text)', 'document', 'moved'],
  ['file.file_data (PDF)', 'document.source (base64)', 'mapped', 'The filename becomes the title'],
  ['file.file_data (text)', 'document.source (text)', 'moved'],
  ['file.file_data (other types)', null, 'ignored', 'No model reads them'],
  ['file.file_id', 'document.source (file)', 'mapped', 'A file of the Files API'],
  ['input_audio, audio', null, 'ignored'],
  ['image, document, search_result', 'the same', 'mapped', 'Blocks of the Messages API stay as they are'],
  ['tool_use, tool_result', 'the same', 'mapped', 'Likewise'],
  ['thinking (with signature), redacted_thinking', 'the same', 'mapped', 'Likewise'],
  ['thinking (without signature)', null, 'ignored', 'Other models leave it'],
  ['reasoning, reasoning_content', null, 'ignored', 'Likewise'],
  ['name and any other member of a message', null, 'ignored'],
  ['tool_calls', 'tool_use', 'mapped', 'Arguments keep their digits and the order of their members'],
  ['tool_calls (custom)', 'tool_use', 'moved', 'The text becomes the member input'],
  [
    'tool_calls[].function.arguments (no JSON object)',
    'tool_use.input',
    'moved',
    'The text becomes the member arguments; empty and null are no arguments',
  ],
  [
    'tool_calls[].id, tool_call_id',
    'id, tool_use_id',
    'moved',
    'Other characters than a-z, A-Z, 0-9, _ and - are escaped; a repeated id gets a number',
  ],
  [
    'tool messages',
    'tool_result',
    'moved',
    'To the message after the call, in the order of the calls, before other content',
  ],
  ['tool messages (missing)', 'tool_result', 'moved', 'A result that says so, if a message follows the call'],
  ['tool messages (repeated, or without a call)', null, 'ignored', 'The first result of a call counts'],
  ['tool messages (last message, without a call)', null, 'refused'],
  [
    'function_call, function messages',
    'tool_use, tool_result',
    'moved',
    'Paired by position; not beside tool_calls',
  ],
  ['cache_control', 'cache_control', 'mapped', 'On parts and messages'],
]

const settings: readonly Row[] = [
  ['model', 'model', 'mapped', 'Any name of a Claude model'],
  ['max_completion_tokens, max_tokens', 'max_tokens', 'mapped', 'By default the maximum of the model'],
  ['stream', 'stream', 'mapped'],
  ['stream_options.include_usage', null, 'moved', 'The last chunk has the usage'],
  ['n (1)', null, 'mapped'],
  ['n (others)', null, 'refused'],
  ['stop', 'stop_sequences', 'mapped', 'A text or a list'],
  ['stop (blank)', null, 'ignored'],
  ['temperature', 'temperature', 'mapped', 'At most 1'],
  ['top_p, top_k', 'top_p, top_k', 'mapped'],
  ['temperature, top_p, top_k (model takes only the defaults, or thinking is on)', null, 'ignored'],
  ['top_p (model takes either this or temperature)', null, 'ignored'],
  ['tools[].function, functions', 'tools', 'mapped', 'Name, description and parameters, as written'],
  [
    'tools[] (flat function)',
    'tools',
    'mapped',
    "Name and parameters beside the type, as in OpenAI's Responses API",
  ],
  [
    'tools[] (with input_schema, or of a dated type)',
    'tools',
    'mapped',
    'Tools of the Messages API stay as they are',
  ],
  ['tools[] (custom and other types)', null, 'refused'],
  ['tools[].function.strict', null, 'ignored'],
  ['tools[].cache_control', 'tools[].cache_control', 'mapped', 'Beside the function or inside it'],
  ['tool_choice (auto, none, required, any)', 'tool_choice', 'mapped', 'required is any'],
  ['tool_choice (a function), function_call', 'tool_choice (tool)', 'mapped'],
  ['tool_choice (allowed_tools)', 'tools, tool_choice', 'moved', 'The other tools are left out'],
  ['tool_choice (others)', null, 'refused'],
  ['parallel_tool_calls (false)', 'tool_choice.disable_parallel_tool_use', 'mapped'],
  [
    'response_format (json_schema)',
    'output_config.format',
    'moved',
    'Bounds that structured outputs lack move to descriptions, and objects are closed',
  ],
  ['response_format (json_schema of an open object)', null, 'ignored'],
  ['response_format (json_schema, model without structured outputs)', null, 'ignored'],
  ['response_format (json_object)', null, 'ignored'],
  ['response_format (text)', null, 'mapped', 'The default'],
  [
    'reasoning_effort',
    'output_config.effort',
    'moved',
    'The nearest level of the model, below if possible; also reasoning.effort',
  ],
  [
    'reasoning_effort (none)',
    'thinking',
    'moved',
    'Switches thinking off if the model can, else the lowest effort',
  ],
  ['reasoning_effort (model without effort)', null, 'ignored'],
  ['thinking', 'thinking', 'mapped', 'The thoughts are not returned'],
  [
    'thinking (budget, after calls without thinking)',
    null,
    'ignored',
    'Until the next question: the API requires thinking that this client cannot have',
  ],
  ['system, output_config, cache_control', 'the same', 'mapped', 'Members of the Messages API'],
  ['logit_bias, logprobs, top_logprobs, seed', null, 'ignored'],
  ['presence_penalty, frequency_penalty', null, 'ignored'],
  ['user, metadata, store, safety_identifier', null, 'ignored'],
  ['service_tier, prompt_cache_key, prediction', null, 'ignored'],
  ['verbosity, modalities, audio, web_search_options', null, 'ignored'],
  ['any other member', null, 'ignored'],
]

export const chatFields: Readonly<Record<'turns' | 'settings', readonly ChatField[]>> = {
  turns: turns.map(createField),
  settings: settings.map(createField),
}

function createField([chat, messages, mapping, note = '']: Row): ChatField {
  return { chat, messages, mapping, note }
}
