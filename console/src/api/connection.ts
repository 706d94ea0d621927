import { createSharedValue } from '../parts/shared-value.ts'

/** Whether the gateway answers. After a failure it is asked again until it does. */
const lost = createSharedValue(false)
const recoveries = new Set<() => void>()
const retryMs = 2_000

export function reportFailure(): void {
  if (lost.get()) return
  lost.set(true)
  probe()
}

export function reportAnswer(): void {
  if (!lost.get()) return
  lost.set(false)
  for (const recovered of recoveries) recovered()
}

/** Calls `recovered` each time the gateway answers again. */
export function onRecovery(recovered: () => void): () => void {
  recoveries.add(recovered)
  return () => recoveries.delete(recovered)
}

export function useConnectionLost(): boolean {
  return lost.useValue()
}

function probe(): void {
  setTimeout(() => {
    if (!lost.get()) return
    fetch('/healthz', { cache: 'no-store' }).then(reportAnswer, probe)
  }, retryMs)
}
