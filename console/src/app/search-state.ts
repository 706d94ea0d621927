import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

import type { PageSearch } from './router.tsx'

/** The state of the page in its address, and a function that changes some of it. An empty value removes a name. */
export function usePageSearch(): readonly [
  search: PageSearch,
  change: (changes: PageSearch, options?: { readonly push?: boolean }) => void,
] {
  const search = useSearch({ strict: false }) as PageSearch // Every page reads its search with `readSearch`.
  const navigate = useNavigate()
  const change = useCallback(
    (changes: PageSearch, { push = false }: { readonly push?: boolean } = {}) => {
      void navigate({
        to: '.',
        replace: !push,
        resetScroll: false,
        search: (current: PageSearch) =>
          Object.fromEntries(
            Object.entries({ ...current, ...changes }).filter(
              ([, value]) => value !== undefined && value !== '',
            ),
          ),
      } as never)
    },
    [navigate],
  )
  return [search, change]
}
