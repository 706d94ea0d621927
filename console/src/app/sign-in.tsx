import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent } from 'react'

import { keepReturn, signIn } from '../api/session.ts'
import type { Session } from '../api/session.ts'
import { shellTexts } from '../texts/shell.ts'

const texts = shellTexts.signIn

/** The failure of the one-time link with which this page was opened; main.tsx sets it. */
let linkProblem: string | null = null

export function setLinkProblem(message: string): void {
  linkProblem = message
}

export function SignIn({ session }: { readonly session: Session }) {
  const queries = useQueryClient()
  const [problem, setProblem] = useState(linkProblem)
  const [adminKey, setAdminKey] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setBusy(true)
    try {
      const signedIn = await signIn({ admin_key: adminKey.trim() })
      // They were read with the rights of the session before.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
      queries.setQueryData(['session'], signedIn)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  return (
    <main className="sign-in">
      <div className="card">
        <h1>{texts.title}</h1>
        {session.has_ended === true && problem === null && (
          <p className="notice warn" role="alert">
            {texts.ended}
          </p>
        )}
        {problem !== null && (
          <p className="notice bad" role="alert">
            {problem}
          </p>
        )}
        <p className="muted">{texts.lead}</p>
        {session.oidc !== null && (
          <a className="button primary" href="/console/oidc/start" onClick={keepReturn}>
            {texts.provider(session.oidc.name)}
          </a>
        )}
        <form className="stack" onSubmit={(event) => void submit(event)}>
          <label className="field">
            <span>{texts.adminKey}</span>
            <input
              className="input mono"
              value={adminKey}
              onChange={({ target }) => setAdminKey(target.value)}
              type="password"
              autoComplete="off"
              required
            />
          </label>
          <p className="small muted">{texts.adminKeyHint}</p>
          <button type="submit" className="button primary" disabled={isBusy}>
            {texts.submit}
          </button>
        </form>
      </div>
    </main>
  )
}
