import { components } from '../../ledger/call-row.ts'
import type { Component } from '../../ledger/call-row.ts'
import { getMeasure } from '../../ledger/rollup.ts'
import type { Measures } from '../../ledger/rollup.ts'
import type { BucketSums } from '../../ledger/time-buckets.ts'
import type { AdminRequest, ReadingRoute } from '../admin/route.ts'
import { describeObject } from '../admin/schema.ts'
import { printWorkspaceId, readReport } from './report.ts'
import type { ReportQuery } from './report.ts'

interface CostQuery extends ReportQuery {
  readonly group_by?: readonly ('workspace_id' | 'description')[]
}

async function serve(request: AdminRequest): Promise<object> {
  const query = request.query as CostQuery // Validated by the schema below.
  const getName = (id: string) => request.context.models.get(id)?.displayName ?? id
  const groupBy = query.group_by ?? []
  const byWorkspace = groupBy.includes('workspace_id') ? (['workspace_id'] as const) : []
  const byModel = groupBy.includes('description') ? (['model'] as const) : []
  return readReport(request, query, {
    by: [...byWorkspace, ...byModel],
    print: (sums) => printResults(sums, groupBy, getName),
  })
}

/** The token types of Anthropic's report, and their words in its descriptions. */
const tokenTypes: Readonly<Record<Component, readonly [type: string | null, words: string]>> = {
  input: ['uncached_input_tokens', 'Input Tokens'],
  cache_write_5m: ['cache_creation.ephemeral_5m_input_tokens', 'Input Tokens, Cache Write 5m'],
  cache_write_1h: ['cache_creation.ephemeral_1h_input_tokens', 'Input Tokens, Cache Write 1h'],
  cache_read: ['cache_read_input_tokens', 'Input Tokens, Cache Hit'],
  output: ['output_tokens', 'Output Tokens'],
  web_search: [null, 'Web Search'],
}

/** Without `description` a bucket has the sum of each workspace, or of all; with it, one result for each line. */
function printResults(
  sums: readonly BucketSums[],
  groupBy: NonNullable<CostQuery['group_by']>,
  getName: (modelId: string) => string,
): readonly object[] {
  const isByWorkspace = groupBy.includes('workspace_id')
  return sums.flatMap(({ values, measures }): readonly object[] => {
    const workspaceId = isByWorkspace ? printWorkspaceId(values[0] ?? null) : null
    if (!groupBy.includes('description'))
      return [printResult(getMeasure(measures, 'cost_nano_usd'), { workspaceId })]
    const model = values.at(-1) ?? ''
    return printLines(measures, { model, name: getName(model), workspaceId })
  })
}

/** One result for each component that the calls of a model have. */
function printLines(
  measures: Measures,
  {
    model,
    name,
    workspaceId,
  }: { readonly model: string; readonly name: string; readonly workspaceId: string | null },
): readonly object[] {
  return components.flatMap((component) => {
    if (getMeasure(measures, `${component}_quantity`) === 0n) return []
    const [tokenType, words] = tokenTypes[component]
    const nanoUsd = getMeasure(measures, `${component}_nano_usd`)
    const costType = tokenType === null ? 'web_search' : 'tokens'
    const line = { description: `${name} Usage - ${words}`, model, tokenType, costType }
    return [printResult(nanoUsd, { workspaceId, ...line })]
  })
}

interface CostLine {
  readonly workspaceId: string | null
  readonly costType?: string
  readonly description?: string
  readonly model?: string
  readonly tokenType?: string | null
}

function printResult(nanoUsd: bigint, line: CostLine): object {
  return {
    amount: printCents(nanoUsd),
    currency: 'USD',
    cost_type: line.costType ?? null,
    description: line.description ?? null,
    model: line.model ?? null,
    token_type: line.tokenType ?? null,
    context_window: null,
    inference_geo: null,
    service_tier: null,
    workspace_id: line.workspaceId,
  }
}

const nanoUsdPerCent = 10_000_000n

/** An amount in cents, exactly. */
export function printCents(nanoUsd: bigint): string {
  const sign = nanoUsd < 0n ? '-' : ''
  const size = nanoUsd < 0n ? -nanoUsd : nanoUsd
  const fraction = (size % nanoUsdPerCent).toString().padStart(7, '0').replace(/0+$/, '')
  return `${sign}${size / nanoUsdPerCent}.${fraction.padEnd(2, '0')}`
}

const ids = { type: 'array', items: { type: 'string', maxLength: 256 }, maxItems: 1_000 } as const

export const costReportRoutes: readonly ReadingRoute[] = [
  {
    method: 'GET',
    path: '/v1/organizations/cost_report',
    roles: ['billing', 'viewer'],
    operation: 'getCostReport',
    summary: 'Reports cost by day, in cents',
    query: describeObject(
      {
        starting_at: { type: 'string', maxLength: 40 },
        ending_at: { type: 'string', maxLength: 40 },
        bucket_width: { enum: ['1d'], default: '1d' },
        group_by: { type: 'array', items: { enum: ['workspace_id', 'description'] }, maxItems: 2 },
        limit: { type: 'integer', minimum: 1, maximum: 31 },
        page: { type: 'string', maxLength: 40 },
        workspace_ids: ids,
      },
      { optional: ['ending_at', 'bucket_width', 'group_by', 'limit', 'page', 'workspace_ids'] },
    ),
    answer: { type: 'object' },
    example: { query: 'starting_at=2026-11-01T00:00:00Z' },
    serve,
  },
]
