import { createSharedValue } from './shared-value.ts'

const messages = createSharedValue<readonly { readonly id: number; readonly text: string }[]>([])
let lastId = 0
const visibleMs = 4_000

/** Shows a short message at the edge of the window. */
export function showToast(text: string): void {
  const id = (lastId += 1)
  messages.set([...messages.get().slice(-2), { id, text }])
  setTimeout(() => messages.set(messages.get().filter((message) => message.id !== id)), visibleMs)
}

export function Toasts() {
  const shown = messages.useValue()
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
