import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function PlaygroundPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/playground']} />
    </div>
  )
}
