import { PageHead } from '../../parts/page-head.tsx'

export function StartPage() {
  return (
    <div className="page">
      <PageHead title="Start" />
    </div>
  )
}
