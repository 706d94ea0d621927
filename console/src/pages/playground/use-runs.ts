import { useCallback, useEffect, useRef, useState } from 'react'

import type { CreatedRequest } from './create-request.ts'
import { getPlaygroundKey } from './playground-key.ts'
import { runRequest, startedRun } from './run.ts'
import type { Run } from './run.ts'

export type Runs = Readonly<Record<string, Run>>

/** A request for each model that takes part, by the model's id. */
export type Requests = Readonly<Record<string, CreatedRequest>>

interface RunControl {
  readonly runs: Runs
  readonly isRunning: boolean
  readonly keyProblem: string | null
  /** Stops what runs, and runs all requests side by side. */
  readonly start: (requests: Requests) => Promise<void>
  readonly stop: () => void
}

export function useRuns(): RunControl {
  const [runs, setRuns] = useState<Runs>({})
  const [keyProblem, setKeyProblem] = useState<string | null>(null)
  const abort = useRef<AbortController>(null)
  // Nobody sees an answer that comes later.
  useEffect(() => () => abort.current?.abort(), [])

  const start = useCallback(async (requests: Requests) => {
    abort.current?.abort()
    const controller = new AbortController()
    abort.current = controller
    const sent = Object.entries(requests).flatMap(([id, created]) => (created.ok ? [{ id, created }] : []))
    setRuns(Object.fromEntries(sent.map(({ id }) => [id, startedRun])))
    const key = await findKey(setKeyProblem)
    if (key === null) {
      setRuns({})
      return
    }
    await Promise.all(
      sent.map(({ id, created }) =>
        runRequest({
          key,
          body: created.body,
          betas: created.betas,
          signal: controller.signal,
          onChange: (run) => {
            if (abort.current === controller) setRuns((current) => ({ ...current, [id]: run }))
          },
        }),
      ),
    )
  }, [])

  return {
    runs,
    keyProblem,
    start,
    stop: () => abort.current?.abort(),
    isRunning: Object.values(runs).some(({ state }) => state === 'running'),
  }
}

async function findKey(onProblem: (problem: string | null) => void): Promise<string | null> {
  try {
    const key = await getPlaygroundKey()
    onProblem(null)
    return key
  } catch (error) {
    onProblem(error instanceof Error ? error.message : String(error))
    return null
  }
}
