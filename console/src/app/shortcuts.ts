import { useEffect } from 'react'

/** The keys that work on every page. A key that is typed into a field is text. */
export function useShortcuts(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isCommand = event.ctrlKey || event.metaKey
      if (!isCommand && isTyping(event.target)) return
      const name = `${isCommand ? 'ctrl+' : ''}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`
      const run = keys[name]
      if (run === undefined || event.altKey) return
      run(event)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}

/** Whether a dialog is open that the element is no part of, so that keys are not meant for it. */
export function isBehindDialog(element: Element): boolean {
  return document.querySelector('[role="dialog"]') !== null && element.closest('[role="dialog"]') === null
}

/** Moves the focus to the first filter of the page. */
export function focusFirstFilter(event: KeyboardEvent): void {
  const filter = document.querySelector<HTMLElement>('#content [data-first-filter]')
  if (filter === null || isBehindDialog(filter)) return
  event.preventDefault()
  filter.focus()
}
