import { protocolNames } from '../../protocols/protocol.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'
import type { Schema } from './schema.ts'

const perMinute: Schema = {
  anyOf: [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, { const: 'unlimited' }],
}

const figures: Readonly<Record<string, Schema>> = {
  requests_per_minute: perMinute,
  input_tokens_per_minute: perMinute,
  output_tokens_per_minute: perMinute,
}

const rates = describeOptions(
  {
    ...figures,
    models: { type: 'object', maxProperties: 200, additionalProperties: describeOptions(figures) },
  },
  'KeyRates',
)

function describeList(items: Schema, description: string): Schema {
  return orNull({ ...describeArray(items, description), minItems: 1, maxItems: 200 })
}

const permissions: Readonly<Record<string, Schema>> = {
  models: describeList({ type: 'string', maxLength: 256 }, 'Models that the key may use; null: all.'),
  protocols: describeList({ enum: protocolNames }, 'APIs that the key may use; null: all.'),
  regions: describeList(
    { type: 'string', minLength: 1, maxLength: 64 },
    'Regions of the upstreams that may serve the key; null: all. An upstream without a region is excluded.',
  ),
  ip_ranges: describeList(
    { type: 'string', maxLength: 64 },
    'Addresses and networks from which the key may be used, such as 10.0.0.0/8; null: all.',
  ),
  rates: { ...orNull(rates), description: 'Limits per minute that precede those of the configuration.' },
  expires_at: orNull(describeTime('The end of its validity; null: none.')),
}

const name = describeText('Unique among live keys.', { minLength: 1, maxLength: 200 })
const memberId = orNull(describeText('The member to whom it belongs; null: nobody in particular.'))

const keyMembers: Readonly<Record<string, Schema>> = {
  id: { type: 'string' },
  name,
  status: { enum: ['active', 'expired', 'revoked'] },
  hint: orNull(describeText('The beginning and the end of the key.')),
  workspace_id: { type: 'string' },
  member_id: memberId,
  ...permissions,
  aws_access_key_id: orNull(describeText('The id of its AWS credentials, if it has any.')),
  previous_valid_until: orNull(describeTime('The end of the secret before the last rotation.')),
  created_at: describeTime('When it was created.'),
  revoked_at: orNull(describeTime('When it was revoked; null: it is live.')),
}

export const key = describeObject(keyMembers, { title: 'Key' })

/** A key of a list, which has its last use too. */
export const listedKey = describeObject(
  {
    ...keyMembers,
    last_use: orNull(
      describeObject(
        {
          at: describeTime('The start of its last call that has ended.'),
          within_hour: {
            type: 'boolean',
            description: 'True: only the hour is known, and `at` is its start.',
          },
        },
        { title: 'LastUse' },
      ),
    ),
  },
  { title: 'ListedKey' },
)

/** A key whose secret is shown, which happens once. */
export const createdKey = describeObject(
  {
    ...keyMembers,
    key: describeText('The key itself. It is shown only once.'),
    aws_secret_access_key: orNull(describeText('The secret of its AWS credentials.')),
  },
  { title: 'CreatedKey' },
)

/** The body that creates a key. */
export const keyInput = describeOptions({
  name: describeText('Unique among live keys. Default: the id.', { minLength: 1, maxLength: 200 }),
  workspace_id: describeText('Id or name. Default: default.', { maxLength: 200 }),
  member_id: orNull(describeText('Id or name of the member to whom it belongs.', { maxLength: 200 })),
  ...permissions,
  aws: { type: 'boolean', description: 'Create AWS credentials too. Default: false.' },
})

/** The body that changes a key. */
export const keyChange = describeOptions({
  name,
  member_id: orNull(describeText('Id or name of the member to whom it belongs.', { maxLength: 200 })),
  ...permissions,
})

export const rotation = describeOptions({
  overlap_seconds: {
    type: 'integer',
    minimum: 0,
    maximum: 30 * 24 * 60 * 60,
    default: 24 * 60 * 60,
    description: 'The time for which the present secret stays valid.',
  },
})

export const keyQuery = describeOptions({
  ...pageParameters,
  workspace_id: describeText('Id or name of a workspace.', { maxLength: 200 }),
  member_id: describeText('Id of a member.', { maxLength: 200 }),
  status: { enum: ['active', 'expired', 'revoked'], description: 'Default: all.' },
})
