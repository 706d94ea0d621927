import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function KeysPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/keys']} />
    </div>
  )
}
