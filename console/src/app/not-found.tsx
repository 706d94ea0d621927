import { Link } from '@tanstack/react-router'

import { Empty } from '../parts/empty.tsx'
import { shellTexts } from '../texts/shell.ts'

export function NotFound() {
  return (
    <div className="page">
      <Empty title={shellTexts.notFound}>
        <Link to="/" className="button">
          {shellTexts.pages['/']}
        </Link>
      </Empty>
    </div>
  )
}
