import { getKeyOwner } from '../../api/session.ts'
import { createSharedValue } from '../../parts/shared-value.ts'

/** A value that a user finds again after a look at another page. Another user of this tab gets the first one. */
export interface OwnValue<Value> {
  readonly change: (change: (current: Value) => Value) => void
  readonly useValue: () => Value
}

export function createOwnValue<Value>(initial: Value): OwnValue<Value> {
  const shared = createSharedValue({ owner: '', value: initial })
  const pick = (kept: { readonly owner: string; readonly value: Value }) =>
    kept.owner === getKeyOwner() ? kept.value : initial
  return {
    change: (change) => shared.set({ owner: getKeyOwner(), value: change(pick(shared.get())) }),
    useValue: () => pick(shared.useValue()),
  }
}
