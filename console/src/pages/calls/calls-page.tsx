import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function CallsPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/calls']} />
    </div>
  )
}
