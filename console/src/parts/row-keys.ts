import { useRef } from 'react'

import { isBehindDialog, useShortcuts } from '../app/shortcuts.ts'

/**
 * J and K move the focus to the first button or link of the next and the previous row; Enter then opens it, as it does
 * for every button. A row without one is opened by `open`.
 */
export function useRowKeys(count: number, open: ((index: number) => void) | undefined) {
  const rows = useRef(new Map<number, HTMLTableRowElement>())
  const move = (step: number) => (event: KeyboardEvent) => {
    if (open === undefined || count === 0) return
    const at = findFocused(rows.current)
    const next = at === null ? (step > 0 ? 0 : count - 1) : Math.min(Math.max(at + step, 0), count - 1)
    const row = rows.current.get(next)
    if (row !== undefined && isBehindDialog(row)) return
    const target = row?.querySelector<HTMLElement>('button, a')
    if (target === null || target === undefined) return
    event.preventDefault()
    target.focus()
    target.scrollIntoView({ block: 'nearest' })
  }
  useShortcuts({ j: move(1), k: move(-1) })
  return {
    getRowRef: (index: number) => (row: HTMLTableRowElement | null) => {
      if (row === null) rows.current.delete(index)
      else rows.current.set(index, row)
    },
  }
}

function findFocused(rows: ReadonlyMap<number, HTMLTableRowElement>): number | null {
  for (const [index, row] of rows) if (row.contains(document.activeElement)) return index
  return null
}
