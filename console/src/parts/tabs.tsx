import * as RadixTabs from '@radix-ui/react-tabs'
import { useEffect, useRef } from 'react'
import type { ReactNode } from 'react'

interface TabsProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly tabs: readonly { readonly value: string; readonly title: string; readonly content: ReactNode }[]
}

/**
 * Tabs; the arrow keys move between them. The caller keeps the open one, best in the address. In a narrow window their row
 * is scrolled to the open one.
 */
export function Tabs({ label, value, onChange, tabs }: TabsProps) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>('[data-state="active"]')
    if (list.current && open) showInRow(list.current, open)
  }, [value])
  return (
    <RadixTabs.Root value={value} onValueChange={onChange} className="stack">
      <RadixTabs.List className="tabs-list" aria-label={label} ref={list}>
        {tabs.map((tab) => (
          <RadixTabs.Trigger key={tab.value} value={tab.value} className="tab">
            {tab.title}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content key={tab.value} value={tab.value} className="stack" tabIndex={-1}>
          {tab.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  )
}

/** Scrolls a row as far as one of its parts needs. `scrollIntoView` would scroll the page too. */
function showInRow(row: HTMLElement, part: HTMLElement): void {
  const [frame, box] = [row.getBoundingClientRect(), part.getBoundingClientRect()]
  row.scrollLeft += Math.max(0, box.right - frame.right) - Math.max(0, frame.left - box.left)
}
