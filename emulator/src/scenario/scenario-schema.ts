import { faultSchema } from '../faults/fault-schema.ts'

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
