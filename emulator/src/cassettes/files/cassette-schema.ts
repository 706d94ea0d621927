const text = (description: string) => ({ type: 'string', description }) as const
const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description }) as const
const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const
const headers = (description: string) =>
  ({ type: 'object', additionalProperties: { type: 'string' }, description }) as const
const hash = (description: string) =>
  ({ type: 'string', pattern: '^sha256:[0-9a-f]{16}$', description }) as const

const base64 = {
  type: 'string',
  pattern: '^[A-Za-z0-9+/]*={0,2}$',
  description: 'Bytes that are no text, in base64.',
} as const
const note = text('The printable part of the bytes, for a person.')

const request = {
  type: 'object',
  description: 'The facts of the request. A new request is reduced to the same facts, and then compared.',
  additionalProperties: false,
  required: ['protocol', 'endpoint', 'method', 'path', 'stream'],
  properties: {
    protocol: { enum: ['messages', 'openai', 'bedrock', 'vertex'], description: 'The protocol.' },
    endpoint: text('The endpoint, such as create_message, invoke or converse; other: an unknown path.'),
    method: text('The method of HTTP.'),
    path: text('The path with its query. It is compared only if the request has no conversation.'),
    stream: { type: 'boolean', description: 'Whether the answer streams.' },
    model: text('The pinned id in the catalog, or a name that the catalog does not know.'),
    turn: count('The number of assistant turns.'),
    last_user: text('The texts of the last user turn that has any.'),
    tool_results: {
      type: 'array',
      description: 'The results of tools in the last turn.',
      items: {
        type: 'object',
        description: 'One result.',
        additionalProperties: false,
        required: ['tool', 'text'],
        properties: {
          tool: text('The name of the tool.'),
          text: text('The text of the result, and a hash of what it has beside text.'),
        },
      },
    },
    media_hash: hash('A hash of the images, documents, and other content in the last turn that is no text.'),
    prefill: text('The beginning of the answer, where the request gives it.'),
    tools: texts('The names of the tools that the request offers, sorted.'),
    system_hash: hash('A hash of the system prompt. A difference is a notice.'),
    tools_hash: hash('A hash of the definitions of the tools. A difference is a notice.'),
    output_hash: hash(
      'A hash of the form that the answer must have: a schema, a choice of tools. A difference is a notice.',
    ),
    betas: texts('The betas of the request, sorted. A difference is a notice.'),
    body_hash: hash('A hash of the body of a request that belongs to no conversation.'),
    body: text('The JSON body, redacted; only where the recorder keeps bodies. It is not compared.'),
  },
} as const

const event = {
  type: 'object',
  description: 'One event. It has data, text, payload, chunk or base64.',
  additionalProperties: false,
  oneOf: [
    { required: ['data'] },
    { required: ['text'] },
    { required: ['headers', 'payload'] },
    { required: ['headers', 'chunk', 'after'] },
    { required: ['base64'] },
  ],
  properties: {
    event: { type: 'string', pattern: '^[^\\r\\n]*$', description: 'The name of an SSE event.' },
    data: { type: 'string', pattern: '^[^\\r\\n]*$', description: 'The data line of an SSE event.' },
    text: text('Any other text of an SSE stream, with its line ends.'),
    headers: headers('The headers of a message of an AWS event stream.'),
    payload: text('The payload of a message of an AWS event stream.'),
    chunk: text('The event that the payload of InvokeModelWithResponseStream carries in base64.'),
    after: text('The payload behind that base64, such as padding.'),
    base64,
    note,
  },
} as const

const response = {
  type: 'object',
  description: 'The response. It has body, base64 or events.',
  additionalProperties: false,
  required: ['status', 'headers', 'at_ms'],
  oneOf: [{ required: ['body'] }, { required: ['base64'] }, { required: ['events'] }],
  properties: {
    status: { type: 'integer', minimum: 200, maximum: 599, description: 'The status.' },
    headers: {
      type: 'object',
      propertyNames: { pattern: '^[a-z0-9-]+$', not: { const: 'content-length' } },
      additionalProperties: { type: 'string', pattern: '^[\\t\\x20-\\x7e]*$' },
      description: 'The recorded headers, with names in lower case. The length follows from the body.',
    },
    at_ms: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 86_400_000 },
      description: 'Milliseconds from the request to the response, or to each of its events.',
    },
    body: text('A body that is text.'),
    base64,
    note,
    events: { type: 'array', items: event, description: 'The events of a stream, in order.' },
  },
} as const

/** The JSON Schema of a cassette. The published copy, `emulator/cassette.schema.json`, is this value printed. */
export const cassetteSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A cassette',
  description: 'The recorded exchanges of one conversation, which the Anthology emulator replays.',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'conversation', 'exchanges'],
  properties: {
    version: { const: 1, description: 'The version of this format.' },
    conversation: text('The first words of the conversation, or method and path of a request without one.'),
    exchanges: {
      type: 'array',
      description: 'In the order in which the requests were sent.',
      items: {
        type: 'object',
        description: 'One request with its response.',
        additionalProperties: false,
        required: ['recorded', 'catalog', 'request', 'response'],
        properties: {
          recorded: text('When the request was sent, ISO 8601.'),
          catalog: text("The version of the catalog that resolved the model's name."),
          request,
          response,
        },
      },
    },
  },
} as const
