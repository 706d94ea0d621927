import { ApiProblem } from '../../api/client.ts'
import type { Explanation } from '../../api/upstreams.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { formatUsd } from '../../parts/format.ts'
import { callTexts } from '../../texts/calls.ts'
import { routingTexts as texts } from '../../texts/routing.ts'

const { routing: words } = callTexts.detail

type Attempt = Explanation['attempts'][number]

/** The plan of a request: the ranked upstreams and those that are left out. */
export function PlanView({ explanation }: { readonly explanation: Explanation }) {
  const { attempts, excluded } = explanation
  const titles = texts.attemptColumns
  return (
    <>
      {attempts.length > 0 && (
        <>
          <h3>{texts.attempts}</h3>
          <DataTable
            caption={texts.attemptsCaption}
            rows={attempts.map((attempt, index) => ({ ...attempt, rank: index + 1 }))}
            getId={({ rank }) => String(rank)}
            columns={[
              { title: titles.rank, isHeading: true, cell: ({ rank }) => rank },
              { title: titles.upstream, cell: ({ upstream, platform }) => `${upstream} (${platform})` },
              { title: titles.model, cell: ({ model }) => <code className="name">{model}</code> },
              { title: titles.because, cell: ({ because }) => words.ranks[because] ?? because },
              { title: titles.price, isNumber: true, cell: ({ price }) => printPrice(price) },
            ]}
          />
        </>
      )}
      {excluded.length > 0 && (
        <>
          <h3>{texts.excluded}</h3>
          <DataTable
            caption={texts.excludedCaption}
            rows={excluded}
            getId={({ upstream, model }) => `${upstream} ${model}`}
            columns={[
              { title: texts.excludedColumns.upstream, isHeading: true, cell: ({ upstream }) => upstream },
              {
                title: texts.excludedColumns.because,
                cell: ({ because }) => words.exclusions[because] ?? because,
              },
              { title: texts.excludedColumns.detail, cell: ({ detail }) => detail },
            ]}
          />
        </>
      )}
    </>
  )
}

/** The error that the client would get, with the reasons if the request itself was valid. */
export function ProblemPlan({ error }: { readonly error: Error }) {
  const body = error instanceof ApiProblem ? (error.body as Partial<Explanation> | null) : null
  return (
    <>
      <p className="notice bad" role="alert">
        {body?.excluded !== undefined && texts.nothing} {error.message}
      </p>
      {body?.excluded !== undefined && (
        <PlanView explanation={{ model: body.model ?? '', attempts: [], excluded: body.excluded }} />
      )}
    </>
  )
}

function printPrice(price: Attempt['price']): string {
  if ('because' in price) return price.detail
  if (price.low_usd === price.high_usd) return formatUsd(price.low_usd)
  return texts.upTo(formatUsd(price.low_usd), formatUsd(price.high_usd))
}
