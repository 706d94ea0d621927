import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function CachePage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/cache']} />
    </div>
  )
}
