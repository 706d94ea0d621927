import type { ReactNode } from 'react'

interface PageHeadProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly children?: ReactNode
}

/** The title of a page, a sentence about it, and its actions. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p className="muted">{lead}</p>}
      </div>
      {children !== undefined && <div className="row">{children}</div>}
    </header>
  )
}
