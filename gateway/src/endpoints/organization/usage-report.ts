import type { Component } from '../../ledger/call-row.ts'
import { getMeasure } from '../../ledger/rollup.ts'
import type { RollupDimension } from '../../ledger/rollup.ts'
import type { BucketSums } from '../../ledger/time-buckets.ts'
import type { AdminRequest, ReadingRoute } from '../admin/route.ts'
import { describeObject } from '../admin/schema.ts'
import { bucketWidths, printWorkspaceId, readReport } from './report.ts'
import type { ReportQuery } from './report.ts'

/** The groupings that the ledger has. Others of Anthropic's report are refused, because their figures would be wrong. */
const groupings = ['api_key_id', 'workspace_id', 'model'] as const

const dimensions = {
  api_key_id: 'key_id',
  workspace_id: 'workspace_id',
  model: 'model',
} as const satisfies Record<(typeof groupings)[number], RollupDimension>

interface UsageQuery extends ReportQuery {
  readonly group_by?: readonly (typeof groupings)[number][]
}

async function serve(request: AdminRequest): Promise<object> {
  const query = request.query as UsageQuery // Validated by the schema below.
  const groupBy = query.group_by ?? []
  return readReport(request, query, {
    by: groupBy.map((name) => dimensions[name]),
    print: (sums) => printResults(sums, groupBy),
  })
}

/** The sums have the values of `groupBy`. */
function printResults(
  sums: readonly BucketSums[],
  groupBy: readonly (typeof groupings)[number][],
): readonly object[] {
  const value = ({ values }: BucketSums, name: (typeof groupings)[number]) =>
    values[groupBy.indexOf(name)] ?? null
  return sums.map((one) => {
    // Counts of tokens are far below 2^53.
    const count = (component: Component) => Number(getMeasure(one.measures, `${component}_quantity`))
    return {
      uncached_input_tokens: count('input'),
      cache_creation: {
        ephemeral_1h_input_tokens: count('cache_write_1h'),
        ephemeral_5m_input_tokens: count('cache_write_5m'),
      },
      cache_read_input_tokens: count('cache_read'),
      output_tokens: count('output'),
      server_tool_use: { web_search_requests: count('web_search') },
      account_id: null,
      api_key_id: value(one, 'api_key_id'),
      context_window: null,
      inference_geo: null,
      model: value(one, 'model'),
      service_account_id: null,
      service_tier: null,
      workspace_id: printWorkspaceId(value(one, 'workspace_id')),
    }
  })
}

const ids = { type: 'array', items: { type: 'string', maxLength: 256 }, maxItems: 1_000 } as const

export const usageReportRoutes: readonly ReadingRoute[] = [
  {
    method: 'GET',
    path: '/v1/organizations/usage_report/messages',
    roles: ['billing', 'viewer'],
    operation: 'getUsageReport',
    summary: 'Reports tokens in buckets of time',
    query: describeObject(
      {
        starting_at: { type: 'string', maxLength: 40 },
        ending_at: { type: 'string', maxLength: 40 },
        bucket_width: { enum: Object.keys(bucketWidths), default: '1d' },
        group_by: { type: 'array', items: { enum: groupings }, maxItems: 3 },
        limit: { type: 'integer', minimum: 1, maximum: 1_440 },
        page: { type: 'string', maxLength: 40 },
        api_key_ids: ids,
        workspace_ids: ids,
        models: ids,
      },
      {
        optional: [
          'ending_at',
          'bucket_width',
          'group_by',
          'limit',
          'page',
          'api_key_ids',
          'workspace_ids',
          'models',
        ],
      },
    ),
    answer: { type: 'object' },
    example: { query: 'starting_at=2026-11-01T00:00:00Z' },
    serve,
  },
]
