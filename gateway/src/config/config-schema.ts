import { type Limits, defaultLimits } from '../limits.ts'

/** The limits under the names that `anthology.yaml` uses: `bodyBytes` is `body_bytes`. */
export const limitNames: ReadonlyMap<string, keyof Limits> = new Map(
  // The keys of a `Limits` are limit names.
  (Object.keys(defaultLimits) as (keyof Limits)[]).map((name) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    name,
  ]),
)

/** A week. Node's timers end at 25 days and fire at once beyond that; sums of limits and their jitter have to stay below. */
const maxMs = 7 * 86_400_000
/** What Node and HTTP/2 take for these. */
const getMaxHttp = 2_147_483_647
const sizesOfHttp: ReadonlySet<string> = new Set(['header_bytes', 'stream_window_bytes'])

function getMax(name: string): number {
  if (name.endsWith('_ms')) return maxMs
  return name.endsWith('_bytes') && !sizesOfHttp.has(name) ? Number.MAX_SAFE_INTEGER : getMaxHttp
}

const figure = (description: string) =>
  ({
    anyOf: [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, { const: 'unlimited' }],
    description,
  }) as const

const rateFigures = {
  requests_per_minute: figure('Those that an upstream was asked for, however they end.'),
  input_tokens_per_minute: figure(
    'Uncached and written to the cache; what is read from it counts for Claude 3.5 Haiku and the Claude 3 models only.',
  ),
  output_tokens_per_minute: figure('As the answers have them.'),
} as const

/** The JSON Schema of `anthology.yaml`. The published copy, `gateway/anthology.schema.json`, is this value printed. */
export const configSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'anthology.yaml',
  description:
    'Configuration of the Anthology gateway. In any string ${NAME} stands for the environment variable NAME.',
  type: 'object',
  additionalProperties: false,
  properties: {
    port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'Port to listen on. Default: 7171.' },
    host: {
      type: 'string',
      minLength: 1,
      description: 'Address to listen on. Default: 127.0.0.1; elsewhere the local key is never printed.',
    },
    data: {
      type: 'string',
      minLength: 1,
      description: 'Folder of the ledger and the keys. Default: ./.anthology.',
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      required: ['certificate', 'key'],
      description: 'With a certificate the port speaks TLS, HTTP/1.1 and HTTP/2, and nothing else.',
      properties: {
        certificate: { type: 'string', minLength: 1, description: 'File of the certificate chain, PEM.' },
        key: { type: 'string', minLength: 1, description: 'File of its private key, PEM.' },
      },
    },
    durability: {
      enum: ['process', 'power'],
      description:
        'What a ledger row survives: the death of the process (default), or a power cut as well, for one disk flush a commit.',
    },
    validate_requests: {
      type: 'boolean',
      description: 'Refuse what the rules of a model refuse before an upstream is asked. Default: true.',
    },
    telemetry: {
      type: 'object',
      additionalProperties: false,
      description: 'Traces. Metrics need no configuration: they are at /metrics.',
      properties: {
        otlp_endpoint: {
          type: 'string',
          pattern: '^https?://',
          description:
            'An OpenTelemetry collector that takes OTLP over HTTP, without /v1/traces. Default: no traces.',
        },
        otlp_headers: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Sent to the collector, such as its credential.',
        },
        sample_ratio: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          description:
            'Share of the traces that begin here. Default: 1. What a client began is its own decision.',
        },
        forward_trace: {
          type: 'boolean',
          description: 'Send traceparent and tracestate to the upstreams. Default: false.',
        },
        service_name: { type: 'string', minLength: 1, description: 'Default: anthology.' },
      },
    },
    upstreams: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      description: 'Where calls are answered. Default: the offline emulator.',
      items: {
        oneOf: [{ $ref: '#/definitions/emulator' }, { $ref: '#/definitions/anthropic' }],
        discriminator: { propertyName: 'platform' },
      },
    },
    workers: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description:
        'Processes that serve the port together. Default: one for each core, up to four; one where the emulator answers.',
    },
    rates: {
      type: 'object',
      additionalProperties: false,
      description:
        'What a key may use of one model in a minute. Of several entries the narrowest counts, figure by figure: the one of the key and the model, of the key, of the model, the default. Without any: unlimited.',
      properties: {
        default: { $ref: '#/definitions/rate' },
        models: {
          type: 'object',
          description: 'By any name of a model.',
          additionalProperties: { $ref: '#/definitions/rate' },
        },
        keys: {
          type: 'object',
          description: 'By the id or the name of a key.',
          additionalProperties: {
            type: 'object',
            additionalProperties: false,
            properties: {
              ...rateFigures,
              models: { type: 'object', additionalProperties: { $ref: '#/definitions/rate' } },
            },
          },
        },
      },
    },
    limits: {
      type: 'object',
      additionalProperties: false,
      description: 'Limits by name, in bytes and milliseconds.',
      properties: Object.fromEntries(
        [...limitNames].map(([name, key]) => [
          name,
          {
            type: 'integer',
            minimum: 1,
            maximum: getMax(name),
            description: `Default: ${defaultLimits[key]}.`,
          },
        ]),
      ),
    },
  },
  definitions: {
    rate: { type: 'object', additionalProperties: false, properties: rateFigures },
    emulator: {
      type: 'object',
      additionalProperties: false,
      required: ['platform'],
      properties: {
        platform: { const: 'emulator' },
        name: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        seed: { type: 'string', description: 'Answers are a function of the request and this seed.' },
        tokens_per_second: {
          type: 'number',
          exclusiveMinimum: 0,
          description: 'Speed of streams. Default: at once.',
        },
      },
    },
    anthropic: {
      type: 'object',
      additionalProperties: false,
      required: ['platform'],
      not: { required: ['api_key', 'auth_token'] },
      properties: {
        platform: { const: 'anthropic' },
        name: {
          type: 'string',
          pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
          description: 'How headers, log and ledger call it.',
        },
        base_url: {
          type: 'string',
          pattern: '^https?://',
          description: 'Any Messages-compatible API, without /v1. Default: https://api.anthropic.com.',
        },
        api_key: { type: 'string', minLength: 1, description: 'Sent as x-api-key.' },
        auth_token: { type: 'string', minLength: 1, description: 'Sent as Authorization: Bearer.' },
      },
    },
  },
} as const
