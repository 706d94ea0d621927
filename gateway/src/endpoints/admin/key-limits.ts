import { roles } from '../../auth/roles.ts'
import { ApiError } from '../../errors.ts'
import { rateKinds } from '../../leases/allowance.ts'
import { budgetSchema, printBudget } from './budgets.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, orNull } from './schema.ts'

const rate = describeObject(
  {
    model: { type: 'string' },
    ...Object.fromEntries(
      rateKinds.map((kind) => [
        `${kind}_per_minute`,
        orNull({ type: 'integer', description: 'Null: it is not limited.' }),
      ]),
    ),
    remaining: {
      ...orNull(
        describeObject(Object.fromEntries(rateKinds.map((kind) => [kind, orNull({ type: 'integer' })])), {
          title: 'RemainingRates',
        }),
      ),
      description:
        'What is left at this moment of the limits of a minute. Null: other processes share the limits, and this one has served no such call in the last minute.',
    },
  },
  { title: 'KeyRate' },
)

const answer = describeObject(
  {
    key_id: { type: 'string' },
    key: { type: 'string' },
    rates: describeArray(rate, 'The rates per minute, for each model that has any.'),
    budgets: describeArray(
      budgetSchema,
      'The budgets of the key, its member, its workspace and the organization. All must have room.',
    ),
  },
  { title: 'KeyLimits' },
)

/** Every limit of a key: its rates, and its budgets with what is spent, held and left. Labels are those of a call, so their budgets are not here. */
async function explain({ context, caller, parameters }: AdminRequest): Promise<object> {
  const name = parameters['id'] ?? ''
  const key = context.ring.findNamed(name)
  const isOwn = caller.role !== 'member' || (key?.memberId !== null && key?.memberId === caller.memberId)
  const isVisible =
    key !== undefined && (caller.workspaces === null || caller.workspaces.has(key.workspaceId))
  if (key === undefined || !isOwn || !isVisible)
    throw new ApiError('unknown_resource', `there is no valid key '${name.slice(0, 100)}'`)
  const owner = {
    keyId: key.id,
    keyName: key.name,
    workspaceId: key.workspaceId,
    memberId: key.memberId,
    labels: null,
  }
  const models = [...context.models.keys()].filter((id) => key.models === null || key.models.has(id))
  return {
    key_id: key.id,
    key: key.name,
    rates: models.flatMap((model) => {
      const limits = context.getRateLimits(key, model)
      if (limits === null) return []
      const figures = rateKinds.map((kind) => [`${kind}_per_minute`, limits[kind] ?? null])
      const remaining = context.callLimits.findRemaining(key, model, limits)
      return [{ model, ...Object.fromEntries(figures), remaining }]
    }),
    budgets: context.budgets.report(owner).map(({ budget }) => printBudget(context, budget)),
  }
}

export const keyLimitRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/keys/{id}/limits',
    roles,
    operation: 'getKeyLimits',
    summary: 'Explains every limit that applies to a key, by its id or name',
    answer,
    example: { parameters: { id: 'local' } },
    serve: explain,
  },
]
