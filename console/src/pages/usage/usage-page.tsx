import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function UsagePage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/usage']} />
    </div>
  )
}
