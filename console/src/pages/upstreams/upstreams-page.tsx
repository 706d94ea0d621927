import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function UpstreamsPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/upstreams']} />
    </div>
  )
}
