import { Link } from '@tanstack/react-router'

import { PageHead } from '../parts/page-head.tsx'
import { shellTexts } from '../texts/shell.ts'

export function NotFound() {
  return (
    <div className="page">
      <PageHead title={shellTexts.notFound} lead={shellTexts.notFoundNext} />
      <div className="row">
        <Link to="/" className="button">
          {shellTexts.toStart}
        </Link>
      </div>
    </div>
  )
}
