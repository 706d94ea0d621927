import { useState } from 'react'

import { playgroundTexts as texts } from '../../texts/playground.ts'
import { setPlaygroundKey } from './playground-key.ts'

/** Says which key the runs use, and takes another one. */
export function KeyChoice({ problem }: { readonly problem: string | null }) {
  const [key, setKey] = useState('')
  return (
    <details className="small" open={problem !== null || undefined}>
      <summary className="muted">{texts.key}</summary>
      <div className="stack">
        {problem === null ? (
          <p className="muted">{texts.keyLead}</p>
        ) : (
          <p className="notice bad" role="alert">
            {texts.keyFailed} {problem}
          </p>
        )}
        <label className="field">
          <span>{texts.keyOwn}</span>
          <input
            className="input"
            type="password"
            autoComplete="off"
            value={key}
            onChange={({ target }) => {
              setKey(target.value)
              setPlaygroundKey(target.value)
            }}
          />
        </label>
      </div>
    </details>
  )
}
