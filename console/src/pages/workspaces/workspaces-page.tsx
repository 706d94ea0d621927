import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function WorkspacesPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/workspaces']} />
    </div>
  )
}
