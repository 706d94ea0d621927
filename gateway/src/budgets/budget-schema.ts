import { usdPattern } from './budget.ts'
import { scopePattern } from './scope.ts'
import { windowKinds } from './window.ts'

/** The members of a budget that users set, for the configuration and the admin API. */
export const budgetProperties = {
  scope: {
    type: 'string',
    pattern: scopePattern,
    description:
      'Whose calls count: organization, workspace:NAME, member:NAME, key:NAME or label:NAME=VALUE.',
  },
  limit: {
    type: 'string',
    pattern: usdPattern,
    description: 'US dollars as decimal text with at most nine decimals, such as "50"; at most 9,000,000.',
  },
  window: {
    enum: windowKinds,
    description:
      'The period of the limit. hour: an hour of UTC. day, week (from Monday) and month: in the time zone. total: no period.',
  },
  timezone: {
    type: 'string',
    minLength: 1,
    maxLength: 64,
    description: 'IANA time zone of days, weeks and months, such as Europe/Berlin. Default: UTC.',
  },
  rolling: {
    type: 'boolean',
    description: 'The last hour, day, week or 30 days, instead of a period of the calendar. Default: false.',
  },
  action: {
    enum: ['block', 'warn'],
    description:
      'block (default): a call that does not fit is refused. warn: it is served, and recorded as one that would have been refused.',
  },
  thresholds: {
    type: 'array',
    maxItems: 10,
    items: { type: 'integer', minimum: 1, maximum: 100 },
    description:
      'Percentages of the limit at which an event is sent, once in each period. Default: 75 and 95.',
  },
  models: {
    type: ['array', 'null'],
    minItems: 1,
    maxItems: 100,
    items: { type: 'string', minLength: 1, maxLength: 200 },
    description: 'The models that count, by any of their names. Default: all.',
  },
  raise: {
    type: ['object', 'null'],
    additionalProperties: false,
    required: ['to', 'until'],
    properties: {
      to: { type: 'string', pattern: usdPattern, description: 'The higher limit in US dollars.' },
      until: {
        type: 'string',
        minLength: 10,
        maxLength: 40,
        description: 'The time in ISO 8601 at which it ends; a day ends it at its beginning (UTC).',
      },
    },
    description: 'A higher limit for some time.',
  },
} as const

/** The members of `anthology.yaml` about money. */
export const budgetConfigProperties = {
  labels: {
    type: 'array',
    maxItems: 100,
    items: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9._-]{0,63}$' },
    description: 'The names that the header x-anthology-labels may carry. Default: none.',
  },
  budgets: {
    type: 'array',
    maxItems: 10_000,
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['scope', 'limit', 'window'],
      properties: budgetProperties,
    },
    description: 'Limits on money. All that apply to a call must have room for it (docs/budgets.md).',
  },
  fallback_price: {
    type: 'object',
    additionalProperties: false,
    required: ['input', 'output'],
    properties: {
      input: { type: 'string', pattern: usdPattern, description: 'US dollars per million tokens of input.' },
      output: {
        type: 'string',
        pattern: usdPattern,
        description: 'US dollars per million tokens of output.',
      },
      cache_read: {
        type: 'string',
        pattern: usdPattern,
        description: 'US dollars per million tokens read from a cache. Default: 0.',
      },
      cache_write: {
        type: 'string',
        pattern: usdPattern,
        description: 'US dollars per million tokens written to a cache. Default: 0.',
      },
    },
    description:
      'The price of calls whose own price nobody knows. Default: where a budget applies, such calls are refused.',
  },
  webhooks: {
    type: 'array',
    maxItems: 20,
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['url', 'secret'],
      properties: {
        url: {
          type: 'string',
          pattern: '^https?://',
          description: 'The receiver, with https; with private: true also http.',
        },
        secret: {
          type: 'string',
          minLength: 16,
          description: 'The key of the HMAC-SHA256 that signs the events.',
        },
        private: {
          type: 'boolean',
          description: 'The receiver may have an address of a private network. Default: false.',
        },
      },
    },
    description: 'Receivers of the events of budgets.',
  },
} as const
