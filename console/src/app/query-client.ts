import { QueryClient } from '@tanstack/react-query'

import { ApiProblem, onSignedOut } from '../api/client.ts'
import { onRecovery } from '../api/connection.ts'
import { sessionQuery } from '../api/session.ts'
import type { Session } from '../api/session.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: 'always' },
    queries: {
      staleTime: 5_000,
      // The browser's own idea of being offline does not concern a gateway on this machine.
      networkMode: 'always',
      retry: (failures, error) => failures < 1 && !(error instanceof ApiProblem && error.status > 0),
      refetchOnWindowFocus: true,
    },
  },
})

onSignedOut(() => {
  // An error leaves the page as it is: the next request is refused too.
  checkSession().catch(() => {})
})

/** Asks whether the session has ended. If so, the page of signing in takes the place of every other one, at its address. */
async function checkSession(): Promise<void> {
  const before = queryClient.getQueryData<Session>(sessionQuery.queryKey)
  const now = await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })
  if (before?.signed_in === true && !now.signed_in)
    queryClient.setQueryData<Session>(sessionQuery.queryKey, { ...now, has_ended: true })
}

onRecovery(() => void queryClient.invalidateQueries())
