import { useSyncExternalStore } from 'react'

let messages: readonly { readonly id: number; readonly text: string }[] = []
let lastId = 0
const listeners = new Set<() => void>()
const visibleMs = 4_000

/** Shows a short message at the edge of the window. */
export function showToast(text: string): void {
  const id = (lastId += 1)
  set([...messages.slice(-2), { id, text }])
  setTimeout(() => set(messages.filter((message) => message.id !== id)), visibleMs)
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => messages,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text }) => (
        <p className="toast" key={id}>
          {text}
        </p>
      ))}
    </div>
  )
}

function set(next: typeof messages): void {
  messages = next
  for (const listener of listeners) listener()
}
