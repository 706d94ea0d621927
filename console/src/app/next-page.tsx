import { shellTexts } from '../texts/shell.ts'
import { usePageSearch } from './search-state.ts'

/** The button that leads to the next page of a list, if it has one. The place is `after` in the address. */
export function NextPage({
  next,
  text = shellTexts.nextPage,
}: {
  readonly next: string | null
  readonly text?: string
}) {
  const [, change] = usePageSearch()
  if (next === null) return null
  return (
    <button type="button" className="button" onClick={() => change({ after: next }, { push: true })}>
      {text}
    </button>
  )
}
