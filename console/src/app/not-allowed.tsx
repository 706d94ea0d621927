import { Link } from '@tanstack/react-router'

import { PageHead } from '../parts/page-head.tsx'
import { shellTexts } from '../texts/shell.ts'
import type { Page } from './pages.ts'

/** In place of a page that the role of the user does not have. */
export function NotAllowed({ page: { title, roles } }: { readonly page: Page }) {
  return <Refusal title={title} reason={shellTexts.pageNotAllowed(['admin', ...(roles ?? [])].join(', '))} />
}

/** In place of a page about workspaces, for a user who may see none. */
export function NoWorkspace({ page: { title } }: { readonly page: Page }) {
  return <Refusal title={title} reason={shellTexts.noWorkspace} />
}

function Refusal({ title, reason }: { readonly title: string; readonly reason: string }) {
  return (
    <div className="page">
      <PageHead title={title} lead={reason} />
      <div className="row">
        <Link to="/" className="button">
          {shellTexts.toStart}
        </Link>
      </div>
    </div>
  )
}
