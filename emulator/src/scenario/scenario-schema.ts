import { faultSchema } from '../faults/fault-schema.ts'
import { count } from './count-schema.ts'
import { replySchema } from './reply-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const

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

const when = {
  type: 'object',
  description:
    'Conditions, which must all hold. Without path, a rule applies to calls that create a message.',
  additionalProperties: false,
  properties: {
    model: text('The model in any spelling: id, alias, or name on a cloud.'),
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
      description: 'Headers by name, in any case.',
      additionalProperties: textCondition('The value of the header; without the header the text is empty.'),
    },
    system: textCondition(
      'The text of the system prompt, its blocks joined by line breaks; system messages follow it.',
    ),
    last_user: textCondition(
      "The texts of the last turn, if it is the user's, joined by line breaks. Results of tools and reminders of agents are not part of it. In a rule with steps: the last text of the user, also before calls of tools.",
    ),
    question: textCondition('The texts of the last user turn that has any, also after calls of tools.'),
    tool_result: {
      ...textCondition("The text of one of the tools' results in the last turn."),
      properties: { ...textTests, tool: text('The name of the tool.') },
    },
    tools: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'The request offers this tool, or all of these.',
    },
    turn: count(
      'The number of assistant turns in the request, 0 at first. A prefill belongs to the turn to come.',
    ),
    call: count('The n-th request that meets the other conditions, from 1. Counted in the emulator.', 1),
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

const step = {
  type: 'object',
  description: 'The answer of one turn.',
  additionalProperties: false,
  minProperties: 1,
  properties: { reply: replySchema, fault: faultSchema },
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
    every: count(
      'Applies to every n-th request that meets the conditions; with call, to that one and every n-th after it.',
      1,
    ),
    rate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Applies to this share of the requests that meet the conditions, chosen by the seed.',
    },
    reply: replySchema,
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
