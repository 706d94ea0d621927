const text = (description: string) => ({ type: 'string', description }) as const
const count = (description: string, minimum = 0) => ({ type: 'integer', minimum, description }) as const

const textTests = {
  contains: text('The text contains this.'),
  equals: text('The text is this.'),
  regex: text('A regular expression in RE2 syntax finds something in the text.'),
} as const

/** A plain string means `contains`. The members apply only to an object. */
const textCondition = (description: string) =>
  ({
    type: ['string', 'object'],
    description: `${description} A plain string means "contains".`,
    additionalProperties: false,
    minProperties: 1,
    properties: textTests,
  }) as const

const toolCall = {
  type: 'object',
  description: "A call of a tool that the request offers. Its input must satisfy the tool's schema.",
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: text('The name of the tool.'),
    input: { type: 'object', description: 'The input; default {}.' },
    id: text('The id of the call; default one made from the request.'),
  },
} as const

const when = {
  type: 'object',
  description:
    'Conditions, which must all hold. Without path, a rule applies to calls that create a message.',
  additionalProperties: false,
  properties: {
    model: text('A model in any spelling: id, alias, or name on a cloud.'),
    protocol: {
      enum: ['messages', 'openai', 'bedrock', 'vertex'],
      description: 'The protocol of the client.',
    },
    platform: {
      enum: ['anthropic', 'bedrock', 'vertex', 'foundry'],
      description: "The platform that the path belongs to; a path under /anthropic is Foundry's.",
    },
    path: textCondition('The path with its query.'),
    header: {
      type: 'object',
      description: 'Headers by name.',
      additionalProperties: textCondition('The value of the header; without the header the text is empty.'),
    },
    system: textCondition('The text of the system prompt.'),
    last_user: textCondition(
      "The texts of the last message, if it is the user's. Results of tools and reminders of agents are not part of it.",
    ),
    tool_result: {
      ...textCondition("The text of a tool's result in the last message."),
      properties: { ...textTests, tool: text('The name of the tool.') },
    },
    tools: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'The request offers this tool, or all of these.',
    },
    turn: count('The number of assistant turns in the request.'),
    call: count('The n-th request that meets the other conditions, from 1.', 1),
    json: {
      type: 'object',
      description: 'Values in the body as it was sent, by JSONPath (RFC 9535).',
      additionalProperties: {
        type: ['string', 'number', 'boolean', 'null', 'object'],
        description: 'A plain string means "contains", any other plain value "equals".',
        additionalProperties: false,
        minProperties: 1,
        properties: {
          contains: textTests.contains,
          equals: { description: 'The value is this.' },
          regex: textTests.regex,
          exists: { type: 'boolean', description: 'Whether the path finds a value.' },
        },
      },
    },
  },
} as const

const reply = {
  type: 'object',
  description:
    'What the model says. Strings may contain templates: {{last_user}}, {{system}}, {{model}}, {{tool_result}}, {{turn}}, {{call}}, {{match.1}}, {{json:$.path}}.',
  additionalProperties: false,
  properties: {
    text: text('The text.'),
    thinking: text('The thinking before the text; the request must enable thinking.'),
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
          thinking: text('A thinking block.'),
          redacted_thinking: { const: true, description: 'A block of redacted thinking.' },
          tool_call: toolCall,
          block: { type: 'object', description: 'A content block of the API as it is.', required: ['type'] },
        },
      },
    },
    structured: {
      description: 'A value that is sent as JSON text. It must satisfy the schema of the request.',
    },
    refusal: {
      type: ['boolean', 'object'],
      description: 'Ends with the stop reason refusal and no content.',
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
      description: 'Default: what follows from the blocks and the request.',
    },
    stop_sequence: text('The sequence, with the stop reason stop_sequence.'),
    usage: { type: 'object', description: 'Members that replace those of the derived usage.' },
  },
} as const

/** Timers cannot wait longer. */
const delay = (description: string) =>
  ({ type: 'integer', minimum: 0, maximum: 2_147_483_647, description }) as const

const errorType = (description: string) =>
  ({ type: 'string', pattern: '^[A-Za-z_][\\w.:/#-]{0,199}$', description }) as const

const cut = {
  type: ['boolean', 'object'],
  description: 'true: after half of its bytes.',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    after_events: count(
      'After this number of events of a stream. message_start counts, ping and [DONE] do not. A plain answer breaks after half of its bytes.',
    ),
    after_bytes: count(
      'After this number of bytes of the body. The last byte of a plain body is never sent.',
    ),
    inside: {
      enum: ['frame', 'utf8', 'escape', 'line'],
      description:
        'In the middle of an event, of a character of several bytes, of a JSON escape, or of a line: the first one after after_events (default 1) or after_bytes. An answer without one is cut inside the next frame.',
    },
  },
} as const

/** The schema of one fault, as in a rule, in the header and in the control API. */
export const faultSchema = {
  type: 'object',
  description:
    'A failure in place of an answer, or in the middle of one. Members that contradict each other are refused.',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    status: {
      type: 'integer',
      minimum: 400,
      maximum: 599,
      description:
        'Answers with this status, in the error shape of the protocol, with the type, text and headers that belong to it. A status of the Claude API that Bedrock does not use becomes the one of its exception, such as 503 for 529.',
    },
    error: {
      type: ['string', 'object'],
      description:
        'The text of the error, or its type and text. Default: what the service says. A type of the Claude API gets its name on Bedrock and Google Cloud; any other type is sent as it is.',
      additionalProperties: false,
      properties: { type: errorType('The type of the error.'), message: text('The text of the error.') },
    },
    headers: {
      type: 'object',
      propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
      additionalProperties: { type: 'string', pattern: '^[\\t\\x20-\\x7e]*$' },
      description: 'Headers of the answer, in addition to its own or in place of them.',
    },
    retry_after: { type: 'number', minimum: 0, description: 'retry-after, in seconds.' },
    overloaded: { const: true, description: 'The same as status: 529.' },
    rate_limit: {
      enum: [true, 'requests', 'input_tokens', 'output_tokens'],
      description:
        'Status 429 with the headers of this limit, exhausted; true means requests. On Bedrock, Google Cloud and Foundry it has no such headers.',
    },
    first_byte_ms: delay('Milliseconds before the first byte.'),
    between_events_ms: delay('Milliseconds before each further event of a stream.'),
    stall: {
      const: true,
      description:
        'Sends no more after after_events (default 0, then not even a head), and keeps the connection open. A plain answer stalls after its first half if after_events is above 0.',
    },
    cut: { ...cut, description: `Breaks the connection; ${cut.description}` },
    reset: {
      ...cut,
      description:
        'Resets the connection: true before the first byte, or at a place as in cut. Over HTTP/2, a cut and a reset in the answer end only its stream, with an error code.',
    },
    missing: {
      const: 'message_stop',
      description: 'Ends a stream cleanly without message_stop, or what stands for it in the protocol.',
    },
    malformed: {
      enum: ['json', 'frame', 'utf8'],
      description:
        'Sends what cannot be read, in the event after after_events (default 1) or in a plain body: JSON without its last byte (json); a line break in the data, a wrong checksum, or half a plain body (frame); a byte that no UTF-8 has (utf8).',
    },
    error_event: errorType(
      'Sends an error event of this type in the open stream, after after_events (default 1), as its last event. A plain answer has the status that belongs to the type.',
    ),
    after_events: count(
      'The number of events before stall, malformed or error_event; message_start counts, ping and [DONE] do not.',
    ),
    wrong_usage: {
      type: ['boolean', 'object'],
      description:
        'The final usage states these figures; true: 0 output tokens. In a stream message_start keeps the right ones.',
      additionalProperties: { type: 'integer' },
    },
  },
} as const

const step = {
  type: 'object',
  description: 'The answer of one turn.',
  additionalProperties: false,
  minProperties: 1,
  properties: { reply, fault: faultSchema },
} as const

/** The JSON Schema of a rule. */
export const ruleSchema = {
  type: 'object',
  description: 'One rule. It needs reply, fault or steps.',
  additionalProperties: false,
  anyOf: [{ required: ['reply'] }, { required: ['fault'] }, { required: ['steps'] }],
  properties: {
    name: text('A name for messages.'),
    when,
    priority: {
      type: 'number',
      description: 'Of the rules that match, the first of the highest priority applies. Default 0.',
    },
    times: count('Applies to this many requests.', 1),
    every: count('Applies to every n-th request that meets the conditions.', 1),
    rate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Applies to this share of the requests that meet the conditions, chosen by the seed.',
    },
    reply,
    fault: faultSchema,
    steps: {
      type: 'array',
      minItems: 1,
      description:
        'One answer for each assistant turn after the user message that last_user matched; without last_user, for each assistant turn of the conversation.',
      items: step,
    },
  },
} as const

/** The JSON Schema of a scenario. The published copy, `emulator/scenario.schema.json`, is this value printed. */
export const scenarioSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'scenario.yaml',
  description: 'What the Anthology emulator answers, and where it fails.',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'rules'],
  properties: {
    version: { const: 1, description: 'The version of this format.' },
    unmatched: {
      enum: ['answer', 'refuse'],
      description:
        "A call that no rule matches gets the emulator's normal answer (default), or status 400 with the nearest rule.",
    },
    rules: { type: 'array', items: ruleSchema, description: 'The rules.' },
  },
} as const
