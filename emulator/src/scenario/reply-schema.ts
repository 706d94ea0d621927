import { count } from './count-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const

const toolCall = {
  type: 'object',
  description:
    "A call of a tool that the request offers. Its input must satisfy the tool's schema, and the call the request's tool_choice.",
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: text('The name of the tool.'),
    input: {
      type: 'object',
      description:
        'The input; default {}. A string that is only {{json:$.path}} becomes the value itself, such as a number.',
    },
    id: text('The id of the call, unique in the conversation; default one made from the request.'),
  },
} as const

const usage = {
  type: 'object',
  description:
    'Members that replace those of the usage that follows from the blocks. They reach every protocol and every place of a stream.',
  additionalProperties: false,
  properties: {
    input_tokens: count('Input tokens that no cache served.'),
    output_tokens: count('Output tokens, thinking included.', 1),
    cache_creation_input_tokens: count('Input tokens written to the cache.'),
    cache_read_input_tokens: count('Input tokens read from the cache.'),
    cache_creation: {
      type: 'object',
      description: 'Tokens written to the cache by their lifetime; default all for five minutes.',
      additionalProperties: false,
      properties: {
        ephemeral_5m_input_tokens: count('Written for five minutes.'),
        ephemeral_1h_input_tokens: count('Written for one hour.'),
      },
    },
    server_tool_use: {
      type: 'object',
      description: 'Requests of server tools.',
      additionalProperties: false,
      properties: {
        web_search_requests: count('Web searches.'),
        web_fetch_requests: count('Fetched pages.'),
      },
    },
    output_tokens_details: {
      type: 'object',
      description: 'The parts of the output tokens.',
      additionalProperties: false,
      required: ['thinking_tokens'],
      properties: { thinking_tokens: count('Output tokens of thinking.') },
    },
    service_tier: {
      enum: ['standard', 'priority', 'batch'],
      description: 'The tier that served the request.',
    },
    inference_geo: text('The geography that served the request.'),
    speed: { enum: ['standard', 'fast'], description: 'The speed mode that served the request.' },
  },
} as const

/** The JSON Schema of a reply. */
export const replySchema = {
  type: 'object',
  description:
    'What the model says. A reply that the service could not send for the request, such as a call of a tool that it does not offer, is refused with status 400 and the name of the member. Strings may contain templates: {{last_user}} (the last text of the user, also before calls of tools), {{system}}, {{model}} (the id), {{tool_result}}, {{turn}}, {{call}} (how often the rule has applied), {{match.1}} (a group of the first regular expression of when), {{json:$.path}} (a value of the body). Text that is not a template stays as it is.',
  additionalProperties: false,
  properties: {
    text: text('The text. If the request has a prefill that the text begins with, the rest is sent.'),
    thinking: text(
      "The thinking before the text; the request must enable thinking. With a budget the service always thinks: a reply without thinking gets the emulator's own.",
    ),
    tool_calls: { type: 'array', items: toolCall, description: 'Calls of tools after the text.' },
    blocks: {
      type: 'array',
      description: 'All blocks in their order, in place of text, thinking and tool_calls.',
      items: {
        type: 'object',
        description: 'One block.',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: {
          text: text('A text block.'),
          thinking: text('A thinking block; first, or after the result of a server tool.'),
          redacted_thinking: { const: true, description: 'A block of redacted thinking.' },
          tool_call: toolCall,
          block: {
            type: 'object',
            description:
              'A content block of the API as it is, such as server_tool_use, its result, or a text with citations.',
            required: ['type'],
            properties: { type: text('The type of the block.') },
          },
        },
      },
    },
    structured: {
      description:
        'A value that is sent as JSON text. It must satisfy the schema of the request, if that has one. A string that is only {{json:$.path}} becomes the value itself.',
    },
    refusal: {
      type: ['boolean', 'object'],
      not: { const: false },
      description: 'The stop reason refusal, after the text if there is one; models since Claude 4 have it.',
      additionalProperties: false,
      properties: {
        category: text('stop_details.category'),
        explanation: text('stop_details.explanation'),
      },
    },
    stop_reason: {
      enum: [
        'end_turn',
        'tool_use',
        'max_tokens',
        'stop_sequence',
        'pause_turn',
        'refusal',
        'model_context_window_exceeded',
      ],
      description:
        'Default: what follows from the blocks and the request. max_tokens and the stop sequences of the request end the answer before, with their own stop reason.',
    },
    stop_sequence: text('With the stop reason stop_sequence; default the first one of the request.'),
    usage,
  },
} as const
