import { useSyncExternalStore } from 'react'

/** Whether the gateway answers. After a failure it is asked again until it does. */
let isLost = false
const listeners = new Set<() => void>()
const recoveries = new Set<() => void>()
const retryMs = 2_000

export function reportFailure(): void {
  if (isLost) return
  setLost(true)
  probe()
}

export function reportAnswer(): void {
  if (!isLost) return
  setLost(false)
  for (const recovered of recoveries) recovered()
}

/** Calls `recovered` each time the gateway answers again. */
export function onRecovery(recovered: () => void): () => void {
  recoveries.add(recovered)
  return () => recoveries.delete(recovered)
}

export function useConnectionLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isLost,
  )
}

function setLost(value: boolean): void {
  isLost = value
  for (const listener of listeners) listener()
}

function probe(): void {
  setTimeout(() => {
    if (!isLost) return
    fetch('/healthz', { cache: 'no-store' }).then(reportAnswer, probe)
  }, retryMs)
}
