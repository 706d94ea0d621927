import { useEffect, useRef, useState } from 'react'

import type { Call } from './calls.ts'
import { printQuery, request } from './client.ts'
import { onRecovery } from './connection.ts'
import type { Query } from './client.ts'

export interface Tail {
  /** Calls that began or ended since the list was read, newest first; each id once. */
  readonly calls: readonly Call[]
  /** Calls that the server left out because too many began at once. */
  readonly skipped: number
  readonly state: 'off' | 'connecting' | 'open' | 'lost'
  clear(): void
}

/** Calls that a tail keeps, so that its memory and the table have a bound: older ones are in the list. */
const maxCalls = 250
const maxRetryMs = 30_000

/**
 * Follows the calls of a filter over one connection, while the tab is visible. After an error it connects again, each
 * time later, and at once when the gateway answers other requests again.
 */
export function useCallTail(filter: Query, isOn: boolean): Tail {
  const [calls, setCalls] = useState<readonly Call[]>([])
  const [skipped, setSkipped] = useState(0)
  const [state, setState] = useState<Tail['state']>('off')
  const isVisible = useVisibility()
  const url = `/admin/v1/calls/stream${printQuery(filter)}`
  const retryMs = useRef(1_000)

  useEffect(() => {
    setCalls([])
    setSkipped(0)
  }, [url])

  useEffect(() => {
    if (!isOn || !isVisible) {
      setState('off')
      return
    }
    let source: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = () => {
      setState((current) => (current === 'lost' ? 'lost' : 'connecting'))
      source = new EventSource(url)
      source.addEventListener('open', () => {
        retryMs.current = 1_000
        setState('open')
      })
      source.addEventListener('calls', (event: MessageEvent<string>) => {
        const { data, skipped: more } = JSON.parse(event.data) as {
          readonly data: readonly Call[]
          readonly skipped: number
        }
        setCalls((known) => mergeCalls(data, known).slice(0, maxCalls))
        setSkipped((count) => count + more)
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
    }
  }, [url, isOn, isVisible])

  return {
    calls,
    skipped,
    state,
    clear: () => {
      setCalls([])
      setSkipped(0)
    },
  }
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
  return [...newest.values()].toSorted((one, other) => (one.started_at < other.started_at ? 1 : -1))
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
