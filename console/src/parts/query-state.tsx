import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { ApiProblem } from '../api/client.ts'
import { shellTexts } from '../texts/shell.ts'

interface QueryStateProps<Data> {
  readonly query: Pick<UseQueryResult<Data>, 'data' | 'error'> & { readonly refetch: () => Promise<unknown> }
  readonly children: (data: Data) => ReactNode
}

/** Shows a query's data, or that it is loading, or why it failed and how to try again. */
export function QueryState<Data>({ query, children }: QueryStateProps<Data>) {
  const { data, error } = query
  if (data !== undefined) return children(data)
  if (error === null)
    return (
      <p className="muted loading" role="status">
        {shellTexts.loading}
      </p>
    )
  const isForbidden = error instanceof ApiProblem && error.status === 403
  return (
    <div className="notice bad" role="alert">
      <p>{isForbidden ? shellTexts.notAllowed : `${shellTexts.failed} ${error.message}`}</p>
      {!isForbidden && (
        <button type="button" className="button small" onClick={() => void query.refetch()}>
          {shellTexts.tryAgain}
        </button>
      )}
    </div>
  )
}
