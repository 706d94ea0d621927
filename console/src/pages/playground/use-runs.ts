import { useCallback, useEffect, useRef, useState } from 'react'

import type { CreatedRequest } from './create-request.ts'
import { createOwnValue } from './own-value.ts'
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
  /** Stops what runs, and forgets the answers: they are of another prompt than the one that is shown. */
  readonly clear: () => void
}

/** The last run of each model. A look at a call or at another page does not lose it. */
const kept = createOwnValue<Runs>({})

export function useRuns(): RunControl {
  const runs = kept.useValue()
  const [keyProblem, setKeyProblem] = useState<string | null>(null)
  const abort = useRef<AbortController>(null)
  // Nobody sees an answer that comes later.
  useEffect(() => () => abort.current?.abort(), [])

  const start = useCallback(async (requests: Requests) => {
    abort.current?.abort()
    const controller = new AbortController()
    abort.current = controller
    const sent = Object.entries(requests).flatMap(([id, created]) => (created.ok ? [{ id, created }] : []))
    kept.change(() => Object.fromEntries(sent.map(({ id }) => [id, startedRun])))
    const key = await findKey(setKeyProblem)
    if (key === null) {
      kept.change(() => ({}))
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
            if (abort.current === controller) kept.change((current) => ({ ...current, [id]: run }))
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
    clear: () => {
      abort.current?.abort()
      abort.current = null
      kept.change(() => ({}))
    },
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
