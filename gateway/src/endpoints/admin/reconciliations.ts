import { printRun } from '../../reconcile/run-json.ts'
import { listRuns } from '../../reconcile/run-table.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'

const day = (description: string) => orNull(describeText(description))
const money = describeText('In US dollars, exact.')
const count = (description: string) => ({ type: 'integer', description })

const file = describeObject(
  {
    sha256: describeText('The hash of the file, by which it is known again.'),
    name: { type: 'string' },
    format: { type: 'string' },
    watermark: orNull(
      describeText(
        'The time until which the provider calls its figures current; null: it is not in the file.',
      ),
    ),
  },
  { title: 'ReconciledFile' },
)

const run = describeObject(
  {
    id: { type: 'string' },
    ran_at: describeTime('When it ran.'),
    upstreams: describeArray({ type: 'string' }, 'The upstreams of the account that the files are about.'),
    files: describeArray(file),
    first_day: day('The first day (UTC) that was compared; null: none.'),
    last_day: day('The last day that was compared, which is the watermark of the run.'),
    open_days: describeArray({ type: 'string' }, 'Days of the files that the provider may still revise.'),
    compared: count('Combinations of day, model and component.'),
    provider_usd: money,
    no_usage_usd: money,
    ledger_usd: money,
    differences: count('All differences.'),
    unexplained: count('Differences that need attention.'),
  },
  { title: 'Reconciliation' },
)

/** A bill is about all workspaces, so a caller who is limited to some sees none. */
async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { limit, after } = query as PageQuery // Validated by the schema.
  const place = decodePlace(after, ['number', 'string'])
  const from = place === null ? null : { ranAtMs: Number(place[0]), id: String(place[1]) }
  const runs =
    caller.workspaces === null ? await listRuns(context.database, { after: from, limit: limit + 1 }) : []
  return makePage(runs, limit, { print: printRun, place: ({ ranAtMs, id }) => [ranAtMs, id] })
}

export const reconciliationRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/reconciliations',
    roles: ['billing', 'viewer'],
    operation: 'listReconciliations',
    summary: "Lists the comparisons of providers' bills with the ledger, latest first",
    query: describeOptions(pageParameters),
    answer: describePage(run),
    example: { query: 'limit=10' },
    serve: list,
  },
]
