const groups = {
  type: 'array',
  items: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
} as const

/** The members of an alias that is more than a name; the admin API takes the same. */
export const aliasProperties = {
  to: { type: 'string', minLength: 1, description: 'Any name of the model.' },
  share: {
    type: 'string',
    pattern: '^(?:100(?:\\.0+)?|\\d{1,2}(?:\\.\\d+)?)%$',
    description: 'The share of the conversations, such as 10%. Default: all.',
  },
  from: {
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: 'The first day (UTC). Default: always.',
  },
} as const

/** The weights of upstreams; the admin API takes the same. */
export const weightsSchema = {
  type: 'object',
  additionalProperties: { type: 'number', minimum: 0 },
  description: 'The share of conversations that an upstream gets inside its group. Default: 1.',
} as const

/** The schema of `routing` in `anthology.yaml`. */
export const routingSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How names of models are read, and which upstreams answer.',
  properties: {
    groups: {
      ...groups,
      description:
        'Names of upstreams in order of preference. Inside a group, conversations are spread by weight and load. Default: each upstream is a group.',
    },
    weights: weightsSchema,
    models: {
      type: 'object',
      additionalProperties: groups,
      description: 'Other groups for some models, under any of their names.',
    },
    fallbacks: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
      description:
        'Models to use instead, best first, when no upstream can serve the one that was asked for. The response names the model in x-anthology-notice.',
    },
    circuit: {
      type: 'object',
      additionalProperties: false,
      description: 'When one model at one upstream counts as down.',
      properties: {
        failures: { type: 'integer', minimum: 1, description: 'Failures within window_ms. Default: 5.' },
        window_ms: {
          type: 'integer',
          minimum: 1,
          description: 'Milliseconds in which these failures count. Default: 30000.',
        },
        probe_ms: {
          type: 'integer',
          minimum: 1,
          description: 'Milliseconds until one call tries it again. Default: 15000.',
        },
      },
    },
    aliases: {
      type: 'object',
      propertyNames: { minLength: 1, maxLength: 256 },
      additionalProperties: {
        type: ['string', 'object'],
        minLength: 1,
        additionalProperties: false,
        required: ['to'],
        properties: aliasProperties,
      },
      description:
        'Names of models that clients may send, each with any name of its model: an ARN that does not contain its model, a name of your own, or a name of the catalog that is to stand for another model. They precede the names of the catalog, in every protocol, in the names of rates and in batches.',
    },
  },
} as const
