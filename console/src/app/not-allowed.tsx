import { Link } from '@tanstack/react-router'

import { PageHead } from '../parts/page-head.tsx'
import { shellTexts } from '../texts/shell.ts'
import type { Page } from './pages.ts'

/** In place of a page that the role of the user does not have. */
export function NotAllowed({ page: { title, roles } }: { readonly page: Page }) {
  return (
    <div className="page">
      <PageHead title={title} lead={shellTexts.pageNotAllowed(['admin', ...(roles ?? [])].join(', '))} />
      <div className="row">
        <Link to="/" className="button">
          {shellTexts.toStart}
        </Link>
      </div>
    </div>
  )
}
