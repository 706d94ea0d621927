import { budgetConfigProperties } from '../budgets/budget-schema.ts'
import { consoleSchema } from './console-schema.ts'
import { limitRows } from '../limits.ts'
import type { NamedLimitRow } from '../limits.ts'
import { routingSchema } from './routing-schema.ts'
import { upstreamDefinitions, upstreamName } from './upstream-schema.ts'

const describeRate = (description: string) =>
  ({
    anyOf: [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, { const: 'unlimited' }],
    description,
  }) as const

const rateFigures = {
  requests_per_minute: describeRate('Calls that were sent to an upstream, with any result.'),
  input_tokens_per_minute: describeRate(
    'Uncached input tokens and tokens written to the prompt cache. Tokens read from the cache count only for Claude 3.5 Haiku and the Claude 3 models.',
  ),
  output_tokens_per_minute: describeRate('Output tokens, as the responses report them.'),
} as const

const describeRetention = (description: string) =>
  ({ type: 'string', pattern: '^([1-9]\\d{0,4}d|forever)$', description }) as const

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
      description:
        'Address to listen on. Default: 127.0.0.1. With any other address the local key is never printed.',
    },
    data: {
      type: 'string',
      minLength: 1,
      description: 'Folder for the ledger and the keys. Default: ./.anthology.',
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      required: ['certificate', 'key'],
      description: 'With a certificate the port accepts only TLS, with HTTP/1.1 and HTTP/2.',
      properties: {
        certificate: { type: 'string', minLength: 1, description: 'File with the certificate chain, PEM.' },
        key: { type: 'string', minLength: 1, description: 'File with its private key, PEM.' },
      },
    },
    hosts: {
      type: 'array',
      items: { type: 'string', pattern: '^[A-Za-z0-9._:[\\]-]+$' },
      description:
        'Names by which clients call this server, as in their host header. On a loopback address the server accepts only these and loopback names; on any other address it accepts every name if none is given here, otherwise these, loopback names and IP addresses.',
    },
    cors_origins: {
      type: 'array',
      items: { type: 'string', pattern: '^[a-z][a-z0-9+.-]*://[^/*\\sA-Z]+$' },
      description:
        'Origins whose web pages may call the API from a browser, such as https://app.example. Default: none. /metrics is never readable by pages.',
    },
    trusted_proxies: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 64 },
      description:
        'Addresses and networks of proxies in front of the server, such as 10.0.0.0/8. The address of a client that comes through them is the last entry of x-forwarded-for that is none of them; the IP ranges of keys are checked with it. Default: none, so that the header means nothing.',
    },
    workspaces: {
      type: 'array',
      maxItems: 1_000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: {
            type: 'string',
            minLength: 1,
            maxLength: 100,
            description: 'Its name, as in the scope of a budget.',
          },
          regions: {
            type: 'array',
            minItems: 1,
            items: { type: 'string', minLength: 1 },
            description:
              'Regions and locations of the upstreams that the keys of the workspace may use, as in the configuration of the upstreams. Default: all. An upstream without a region is excluded. Bedrock also needs the geography of its inference profile, such as eu, or global.',
          },
        },
      },
      description:
        'Workspaces that are created at the start if no live one has their name. The workspace default always exists.',
    },
    store: {
      type: 'string',
      pattern: '^postgres(?:ql)?://',
      description:
        'URL of a PostgreSQL (14 or newer) that holds ledger, keys and all other tables, and that several servers may share. TLS follows its sslmode. Default: SQLite in the data folder.',
    },
    store_read: {
      type: 'string',
      pattern: '^postgres(?:ql)?://',
      description: 'URL of a read replica of the store, for reports. Default: the store.',
    },
    durability: {
      enum: ['process', 'power', 'store'],
      description:
        'process (default): the journal of calls survives a crash of the process. power: it also survives a power failure, which costs one disk flush for the calls of a moment. store: the calls are committed to the store before their answers end, for disks that do not outlive the process.',
    },
    emergency_folder: {
      type: 'string',
      minLength: 1,
      description:
        "Folder for the journal of calls that run while the data folder takes nothing, such as on a full disk; they are stored as soon as it is back. Default: a folder of this user in the system's temporary folder.",
    },
    retention: {
      type: 'object',
      additionalProperties: false,
      description:
        'The time for which data is kept, as a number of days such as 400d, or forever (default). Old rows are removed in small steps while the server runs.',
      properties: {
        calls: describeRetention(
          'Single calls; at least 31d, because the results of a batch can be read for 29 days. Removed by whole days (UTC).',
        ),
        rollups: describeRetention(
          'The sums that reports read; not shorter than calls. Removed by whole months.',
        ),
      },
    },
    bodies: {
      type: 'object',
      additionalProperties: false,
      description:
        'Stores the prompts and answers of calls in files, compressed, where only admins can read them. Default: they are not stored. `bodies: {}` stores them with all defaults.',
      properties: {
        retention: describeRetention('The time for which they are kept. Default: 7d. Removed by the hour.'),
        max_bytes: {
          type: 'integer',
          minimum: 1_024,
          maximum: 33_554_432,
          description: 'A request and an answer are cut at this size each. Default: 1048576.',
        },
        folder: {
          type: 'string',
          minLength: 1,
          description:
            'Folder of the files. Servers that share it find the records of each other. Default: bodies in the data folder.',
        },
        workspaces: {
          type: 'array',
          minItems: 1,
          maxItems: 1_000,
          items: { type: 'string', minLength: 1, maxLength: 100 },
          description: 'The workspaces whose calls are stored, by name. Default: all.',
        },
      },
    },
    cut_revoked_calls: {
      type: 'boolean',
      description:
        'Cut the running calls of a key within a second after it is revoked: a stream ends with an error event. Default: true.',
    },
    validate_requests: {
      type: 'boolean',
      description:
        'Reject requests that violate a rule of their model before an upstream is called. Default: true.',
    },
    tag_blocks: {
      type: 'boolean',
      description:
        'Store short keyed hashes of the cacheable blocks of a call, from which the cache doctor names the block that changed. They reveal no text. Default: true.',
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
            'URL of an OpenTelemetry collector that accepts OTLP over HTTP, without /v1/traces. Default: no traces.',
        },
        otlp_headers: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Headers for the collector, such as its credential.',
        },
        sample_ratio: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          description:
            'Share of recorded traces among those that start here. Default: 1. For a trace that a client started, the client decides.',
        },
        forward_trace: {
          type: 'boolean',
          description: 'Send traceparent and tracestate to the upstreams. Default: false.',
        },
        service_name: {
          type: 'string',
          minLength: 1,
          description: 'The name of this service in traces. Default: anthology.',
        },
      },
    },
    upstreams: {
      type: 'array',
      minItems: 1,
      maxItems: 64,
      description:
        'The upstreams that answer the calls, in order of preference. Default: the offline emulator.',
      items: {
        oneOf: ['emulator', 'anthropic', 'bedrock', 'vertex', 'foundry'].map((name) => ({
          $ref: `#/definitions/${name}`,
        })),
        discriminator: { propertyName: 'platform' },
      },
    },
    workers: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description:
        'Worker processes that serve the port. Default: one per core, at most four; one if the upstream is the emulator.',
    },
    console: consoleSchema,
    rates: {
      type: 'object',
      additionalProperties: false,
      description:
        'Usage of one model by one key in any minute. If several entries apply, the most specific one wins, per figure: key and model, key, model, default. Default: unlimited.',
      properties: {
        default: {
          $ref: '#/definitions/rate',
          description: 'Where no other entry has the figure. Default: unlimited.',
        },
        models: {
          type: 'object',
          description: 'Limits by model, under any of its names.',
          additionalProperties: { $ref: '#/definitions/rate' },
        },
        keys: {
          type: 'object',
          description: 'Limits by key, under its id or name.',
          additionalProperties: {
            type: 'object',
            additionalProperties: false,
            properties: {
              ...rateFigures,
              models: {
                type: 'object',
                description: 'Limits of this key by model, under any of its names.',
                additionalProperties: { $ref: '#/definitions/rate' },
              },
            },
          },
        },
      },
    },
    routing: routingSchema,
    ...budgetConfigProperties,
    limits: {
      type: 'object',
      additionalProperties: false,
      description: 'Limits by name. Sizes are in bytes, times in milliseconds.',
      properties: Object.fromEntries(limitRows.map((row) => [row.configName, describeLimit(row)])),
    },
  },
  definitions: {
    rate: { type: 'object', additionalProperties: false, properties: rateFigures },
    emulator: {
      type: 'object',
      additionalProperties: false,
      required: ['platform'],
      properties: {
        platform: { const: 'emulator', description: 'The offline emulator, in this process.' },
        name: upstreamName,
        seed: { type: 'string', description: 'Responses depend only on the request and this seed.' },
        tokens_per_second: {
          type: 'number',
          exclusiveMinimum: 0,
          description: 'Speed of streams. Default: unlimited.',
        },
      },
    },
    ...upstreamDefinitions,
  },
} as const

function describeLimit({ description, exceeded, default: value, unit, max }: NamedLimitRow) {
  const unitText = unit === 'count' ? '' : ` ${unit}`
  return {
    type: 'integer',
    minimum: 1,
    maximum: max,
    description: `${description} When exceeded: ${exceeded}. Default: ${value}${unitText}.`,
  } as const
}
