import { useState } from 'react'

import { useMayCreateKeys } from '../../api/session.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { setPlaygroundKey } from './playground-key.ts'

/** Says which key the runs use, and takes another one. */
export function KeyChoice({ problem }: { readonly problem: string | null }) {
  const [key, setKey] = useState('')
  const mayCreate = useMayCreateKeys()
  return (
    <details className="small" open={problem !== null || !mayCreate || undefined}>
      <summary className="muted">{texts.key}</summary>
      <div className="stack">
        {problem === null ? (
          <p className="muted">{mayCreate ? texts.keyLead : texts.keyNeeded}</p>
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
