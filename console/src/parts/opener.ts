import { useRef } from 'react'

/** The element that opened the latest dialog, for one dialog that takes the place of another. */
let latest: HTMLElement | null = null

/**
 * Handlers for a dialog that has no trigger of its own: Radix then leaves the focus nowhere. When the dialog closes, it
 * goes back to the element that had it before; if that is gone, such as the row of a removed key, to the page.
 */
export function useOpener() {
  const opener = useRef<HTMLElement | null>(null)
  return {
    onOpenAutoFocus() {
      const active = document.activeElement
      if (active instanceof HTMLElement && active !== document.body) latest = active
      opener.current = latest
    },
    onCloseAutoFocus(event: Event) {
      event.preventDefault()
      const target =
        opener.current?.isConnected === true ? opener.current : document.getElementById('content')
      target?.focus()
    },
  }
}
