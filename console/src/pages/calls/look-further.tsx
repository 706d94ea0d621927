import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

import { listCallsQuery } from '../../api/calls.ts'
import type { CallPage } from '../../api/calls.ts'
import { Empty } from '../../parts/empty.tsx'
import { formatTime } from '../../parts/format.ts'
import { callTexts } from '../../texts/calls.ts'
import type { readFilters } from './call-filters.tsx'

interface LookFurtherProps {
  readonly filter: ReturnType<typeof readFilters>
  /** A page without a call that has another page behind it. */
  readonly page: CallPage
  /** Opens the page behind a place. */
  readonly go: (after: string) => void
}

/**
 * States how far a page without a call has looked, and looks through older pages, one after another, until one has a call
 * or all calls were looked at.
 */
export function LookFurther({ filter, page, go }: LookFurtherProps) {
  const queries = useQueryClient()
  const [last, setLast] = useState<Pick<CallPage, 'next' | 'looked_back_to'>>(page)
  const [problem, setProblem] = useState<string | null>(null)
  const [isLooking, setLooking] = useState(false)
  const search = useRef<AbortController>(null)
  useEffect(() => () => search.current?.abort(), [])
  const look = async () => {
    const { signal } = (search.current = new AbortController())
    setProblem(null)
    setLooking(true)
    try {
      for (let after = last.next; after !== null && !signal.aborted;) {
        const found = await queries.fetchQuery({ ...listCallsQuery(filter, after), gcTime: keptMs })
        if (signal.aborted) break
        if (found.data.length > 0 || found.next === null) go(after)
        after = found.data.length > 0 ? null : found.next
        if (after !== null) setLast(found)
      }
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
    setLooking(false)
  }
  return (
    <Empty title={callTexts.lookedBack(formatTime(last.looked_back_to))}>
      <p className="muted small">{callTexts.lookHint}</p>
      {problem !== null && (
        <p className="notice bad" role="alert">
          {problem}
        </p>
      )}
      {isLooking ? (
        <button type="button" className="button" onClick={() => search.current?.abort()}>
          {callTexts.stopLooking}
        </button>
      ) : (
        <button type="button" className="button" onClick={() => void look()}>
          {callTexts.lookFurther}
        </button>
      )}
    </Empty>
  )
}

/** Long enough to show the page that was found; a search through a large ledger reads hundreds. */
const keptMs = 10_000
