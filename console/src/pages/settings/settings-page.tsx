import { PageHead } from '../../parts/page-head.tsx'
import { shellTexts } from '../../texts/shell.ts'

export function SettingsPage() {
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/settings']} />
    </div>
  )
}
