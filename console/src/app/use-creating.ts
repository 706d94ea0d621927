import { creating } from './pages.ts'
import { usePageSearch } from './search-state.ts'

/** Whether the dialog for a new entry is open. The address says so, for links and for the command palette. */
export function useCreating(): readonly [isCreating: boolean, setCreating: (isCreating: boolean) => void] {
  const [search, change] = usePageSearch()
  return [
    search['create'] === creating.create,
    (isCreating) => change({ create: isCreating ? creating.create : undefined }),
  ]
}
