import { QueryClient } from '@tanstack/react-query'

import { ApiProblem, onSignedOut } from '../api/client.ts'
import { onRecovery } from '../api/connection.ts'
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

// The page of signing in takes the place of every other one, at the same address.
onSignedOut(() => {
  queryClient.setQueryData<Session>(['session'], (session) =>
    session?.signed_in === true ? { oidc: session.oidc, signed_in: false, has_ended: true } : session,
  )
})

onRecovery(() => void queryClient.invalidateQueries())
