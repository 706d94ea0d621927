import { QueryCache, QueryClient } from '@tanstack/react-query'

import { ApiProblem } from '../api/client.ts'
import { onRecovery } from '../api/connection.ts'

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      // The session has ended: the page of signing in replaces every other one.
      if (error instanceof ApiProblem && error.status === 401)
        void queryClient.invalidateQueries({ queryKey: ['session'] })
    },
  }),
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

onRecovery(() => void queryClient.invalidateQueries())
