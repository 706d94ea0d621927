import type { ReactNode } from 'react'

interface StackedProps {
  readonly children: ReactNode
  /** A smaller second line; null or false: none. */
  readonly below: ReactNode
}

/** A value with a fact of it on a second line, so that a table needs no column for it. */
export function Stacked({ children, below }: StackedProps) {
  if (below === null || below === false) return children
  return (
    <span className="stacked">
      {children}
      <span className="small muted">{below}</span>
    </span>
  )
}
