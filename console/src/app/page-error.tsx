import type { ErrorComponentProps } from '@tanstack/react-router'

import { shellTexts } from '../texts/shell.ts'

/** A page whose code could not be loaded, or that failed while it was drawn. */
export function PageError({ error }: ErrorComponentProps) {
  return (
    <div className="page">
      <div className="notice bad" role="alert">
        <p>
          {shellTexts.failed} {error instanceof Error ? error.message : String(error)}
        </p>
        <button type="button" className="button small" onClick={() => location.reload()}>
          {shellTexts.tryAgain}
        </button>
      </div>
    </div>
  )
}
