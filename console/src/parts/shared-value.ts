import { useSyncExternalStore } from 'react'

/** A value that several components show and that outlives each of them; it is gone with the document. */
export interface SharedValue<Value> {
  readonly get: () => Value
  readonly set: (value: Value) => void
  /** The value for a component, which is drawn again with each new one. */
  readonly useValue: () => Value
}

export function createSharedValue<Value>(initial: Value): SharedValue<Value> {
  let value = initial
  const listeners = new Set<() => void>()
  const get = () => value
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    get,
    set(next) {
      value = next
      for (const listener of listeners) listener()
    },
    useValue: () => useSyncExternalStore(subscribe, get),
  }
}
