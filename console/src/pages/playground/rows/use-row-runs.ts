import type { Model } from '@anthology/catalog'
import { useEffect, useRef, useState } from 'react'

import { createRequest } from '../create-request.ts'
import type { Draft } from '../draft.ts'
import { createOwnValue } from '../own-value.ts'
import { getPlaygroundKey } from '../playground-key.ts'
import { runRequest, startedRun } from '../run.ts'
import type { RowResult, RowResults, TestRow } from './row.ts'

/** Requests of a table that run at once; more would meet the rate limits of small accounts. */
export const maxConcurrentRuns = 4

interface Job {
  readonly row: TestRow
  readonly model: Model
}

/** The last results of the rows. A look at a call or at another page loses neither them nor the grades. */
const kept = createOwnValue<RowResults>({})

/** Runs all rows on all models, a few at once. A failure is in the result of its row. */
export function useRowRuns(draft: Draft) {
  const results = kept.useValue()
  const [isRunning, setRunning] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const abort = useRef<AbortController>(null)
  // Nobody sees the answers that come later, and nobody could stop them.
  useEffect(() => () => abort.current?.abort(), [])

  const set = ({ row, model }: Job, change: (old: RowResult | undefined) => RowResult) =>
    kept.change((current) => ({
      ...current,
      [row.id]: { ...current[row.id], [model.id]: change(current[row.id]?.[model.id]) },
    }))

  const runJob = async (job: Job, key: string, signal: AbortSignal) => {
    const created = createRequest(draft, job.model.id, job.row.values)
    const betas = created.ok ? created.betas : []
    if (!created.ok) {
      set(job, () => ({ ...startedRun, state: 'failed', problem: created.problem, grade: null, betas }))
      return
    }
    set(job, () => ({ ...startedRun, grade: null, betas }))
    const { body } = created
    const { events: _events, ...run } = await runRequest({ key, body, betas, signal, onChange: () => {} })
    if (!signal.aborted) set(job, () => ({ ...run, grade: null, betas }))
    else set(job, () => ({ ...startedRun, state: 'stopped', grade: null, betas }))
  }

  const start = async (rows: readonly TestRow[], models: readonly Model[]) => {
    abort.current?.abort()
    const { signal } = (abort.current = new AbortController())
    kept.change(() => ({}))
    setProblem(null)
    setRunning(true)
    try {
      const key = await getPlaygroundKey()
      const jobs = rows.flatMap((row) => models.map((model) => ({ row, model })))
      await runAll(jobs, (job) => (signal.aborted ? Promise.resolve() : runJob(job, key, signal)))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      if (abort.current?.signal === signal) setRunning(false)
    }
  }

  return {
    results,
    isRunning,
    problem,
    start,
    stop: () => abort.current?.abort(),
    grade: (job: Job, grade: number | null) =>
      set(job, (old) => ({ ...(old ?? { ...startedRun, betas: [] }), grade })),
  }
}

/** Runs jobs in their order, `maxConcurrentRuns` at once. */
async function runAll<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items]
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: maxConcurrentRuns }, work))
}
