import { count } from '../scenario/count-schema.ts'

const text = (description: string) => ({ type: 'string', description }) as const

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
    retry_after: {
      type: 'number',
      minimum: 0,
      maximum: 31_536_000,
      description: 'retry-after, in seconds; at most a year.',
    },
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
