import { useEffect, useRef, useState } from 'react'

import type { Call } from './calls.ts'
import { printQuery, request } from './client.ts'
import { onRecovery } from './connection.ts'
import type { Query } from './client.ts'
import type { ListPage } from './list-page.ts'

export interface Tail {
  /** Calls that began or ended since the list was read, newest first; each id once. */
  readonly calls: readonly Call[]
  /** Calls that are missing until the list is read again, because too many began at once. */
  readonly skipped: number
  readonly state: 'off' | 'connecting' | 'open' | 'lost'
}

interface Kept extends Pick<Tail, 'calls' | 'skipped'> {
  /** The stream that they come from. */
  readonly url: string
}

/** Calls that a tail keeps, so that its memory and the table have a bound: the list has the others. */
const maxCalls = 250
const maxRetryMs = 30_000
/** The list of a busy server is read this often. */
const rereadMs = 5_000

/**
 * Follows the calls of a filter over one connection, while the tab is visible. After an error it connects again, each
 * time later, and at once when the gateway answers other requests again. A stream begins when it is opened, so `readList`
 * reads the first page of the list after that, and when calls were left out.
 */
export function useCallTail(filter: Query, isOn: boolean, readList: () => Promise<ListPage<Call>>): Tail {
  const url = `/admin/v1/calls/stream${printQuery(filter)}`
  const nothing: Kept = { url, calls: [], skipped: 0 }
  const kept = useRef(nothing)
  const [shown, show] = useState(nothing)
  const [state, setState] = useState<Tail['state']>('off')
  const isVisible = useVisibility()
  const retryMs = useRef(1_000)
  const read = useRef(readList)
  useEffect(() => {
    read.current = readList
  })

  useEffect(() => {
    const keep = (next: Kept) => {
      kept.current = next
      show(next)
    }
    if (kept.current.url !== url) keep({ url, calls: [], skipped: 0 })
    if (!isOn || !isVisible) {
      setState('off')
      return
    }
    let source: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const reader = createReader(
      () => read.current(),
      () => kept.current.skipped,
      (page, skipped) => {
        const { calls, skipped: present } = kept.current
        keep({ url, calls: dropListed(calls, page), skipped: Math.max(0, present - skipped) })
      },
    )
    const connect = () => {
      setState((current) => (current === 'lost' ? 'lost' : 'connecting'))
      source = new EventSource(url)
      source.addEventListener('open', () => {
        retryMs.current = 1_000
        setState('open')
        void reader.readNow()
      })
      source.addEventListener('calls', (event: MessageEvent<string>) => {
        const next = addCalls(kept.current, event.data)
        keep(next)
        if (next.skipped > 0) reader.readSoon()
      })
      source.addEventListener('error', () => {
        source?.close()
        setState('lost')
        // An event source does not tell that the session has ended; any other request does.
        void request('/admin/v1/calls', { query: { limit: 1 } }).catch(() => {})
        timer = setTimeout(connect, retryMs.current)
        retryMs.current = Math.min(retryMs.current * 2, maxRetryMs)
      })
    }
    connect()
    const forget = onRecovery(() => {
      clearTimeout(timer)
      source?.close()
      connect()
    })
    return () => {
      forget()
      clearTimeout(timer)
      source?.close()
      reader.close()
    }
  }, [url, isOn, isVisible])

  return { ...(shown.url === url ? shown : nothing), state }
}

/** Reads the list at once, or as soon as `rereadMs` have passed since the last time. A failure is followed by another try. */
function createReader(
  readList: () => Promise<ListPage<Call>>,
  countSkipped: () => number,
  onPage: (page: ListPage<Call>, skippedBefore: number) => void,
) {
  let isClosed = false
  let readAtMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const readNow = async () => {
    clearTimeout(timer)
    timer = undefined
    readAtMs = Date.now()
    const skipped = countSkipped()
    const page = await readList().catch(() => null)
    if (page === null) readSoon()
    else if (!isClosed) onPage(page, skipped)
  }
  const readSoon = () => {
    if (isClosed || timer !== undefined) return
    timer = setTimeout(() => void readNow(), Math.max(0, readAtMs + rereadMs - Date.now()))
  }
  return {
    readNow,
    readSoon,
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Adds the calls of an event of the stream. */
function addCalls(kept: Kept, text: string): Kept {
  // The server is of the same version.
  const { data, skipped } = JSON.parse(text) as Pick<Kept, 'skipped'> & { readonly data: readonly Call[] }
  const calls = mergeCalls(data, kept.calls)
  const dropped = Math.max(0, calls.length - maxCalls)
  return { ...kept, calls: calls.slice(0, maxCalls), skipped: kept.skipped + skipped + dropped }
}

/** The first page of the list with the calls of the tail. Those that belong to an older page are not in it. */
export function mergePage(tail: readonly Call[], page: ListPage<Call>): readonly Call[] {
  return mergeCalls(dropListed(tail, page), page.data)
}

/** The calls that a first page of the list, read later, does not have, and that are not behind its end. */
function dropListed(calls: readonly Call[], { data, next }: ListPage<Call>): readonly Call[] {
  const listed = new Map(data.map((call) => [getRowId(call), call]))
  // Running calls are on the first page, whenever they began.
  const last = next === null ? undefined : data.findLast(({ outcome }) => outcome !== 'running')
  return calls.filter((call) => {
    const other = listed.get(getRowId(call))
    if (other !== undefined) return other.outcome === 'running' && call.outcome !== 'running'
    return last === undefined || call.started_at >= last.started_at
  })
}

/** Newer rows replace those of the same call and attempt. */
export function mergeCalls(newer: readonly Call[], older: readonly Call[]): readonly Call[] {
  const newest = new Map<string, Call>()
  for (const call of [...newer, ...older]) {
    const id = getRowId(call)
    const known = newest.get(id)
    if (known === undefined || (known.outcome === 'running' && call.outcome !== 'running'))
      newest.set(id, call)
  }
  return [...newest.values()].toSorted(
    (one, other) => Number(one.started_at < other.started_at) - Number(one.started_at > other.started_at),
  )
}

/** A billed attempt is a row of its own. */
export function getRowId({ id, attempt }: Pick<Call, 'id' | 'attempt'>): string {
  return attempt === null ? id : `${id}#${attempt}`
}

function useVisibility(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible')
  useEffect(() => {
    const update = () => setVisible(document.visibilityState === 'visible')
    document.addEventListener('visibilitychange', update)
    return () => document.removeEventListener('visibilitychange', update)
  }, [])
  return isVisible
}
