import { useMutation, useQueryClient } from '@tanstack/react-query'

import { signOut } from '../api/session.ts'
import type { Session } from '../api/session.ts'
import { showToast } from '../parts/toast.tsx'
import { shellTexts } from '../texts/shell.ts'
import { setTheme, useTheme } from './theme.ts'
import type { Theme } from './theme.ts'

/** The theme, the zone of the times on every page, and who is signed in. */
export function SessionMenu({ session }: { readonly session: Session }) {
  const queries = useQueryClient()
  const theme = useTheme()
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: (ended) => {
      queries.setQueryData(['session'], ended)
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    },
    onError: ({ message }) => showToast(message),
  })
  return (
    <div className="sidebar-foot">
      <label className="field">
        <span>{shellTexts.theme.label}</span>
        <select
          className="input"
          value={theme}
          onChange={({ target }) => setTheme(target.value as Theme)} // The options below.
        >
          {(['system', 'light', 'dark'] as const).map((value) => (
            <option key={value} value={value}>
              {shellTexts.theme[value]}
            </option>
          ))}
        </select>
      </label>
      <p className="small muted">
        {shellTexts.timesIn(new Intl.DateTimeFormat().resolvedOptions().timeZone)}
      </p>
      <p className="small muted">{shellTexts.signedInAs(session.display_name ?? '', session.role ?? '')}</p>
      <button
        type="button"
        className="button small"
        disabled={leaving.isPending}
        onClick={() => leaving.mutate()}
      >
        {shellTexts.signOut}
      </button>
    </div>
  )
}
