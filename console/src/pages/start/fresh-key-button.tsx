import { useMutation, useQueryClient } from '@tanstack/react-query'

import { createKey } from '../../api/keys.ts'
import { getHomeWorkspace, useHasWorkspaces, useMayCreateKeys } from '../../api/session.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { shellTexts } from '../../texts/shell.ts'
import { startTexts } from '../../texts/start.ts'
import { useSnippetKey } from './snippet-key.tsx'

/** Creates a key for the snippets of the page, and shows it once. */
export function FreshKeyButton() {
  const queries = useQueryClient()
  const { secret, setSecret } = useSnippetKey()
  const [mayCreate, hasWorkspaces] = [useMayCreateKeys(), useHasWorkspaces()]
  const creation = useMutation({
    mutationFn: () =>
      createKey({
        name: startTexts.freshKeyName(new Date().toISOString().slice(0, 19)),
        workspace_id: getHomeWorkspace(),
      }),
    onSuccess: ({ key }) => {
      setSecret(key)
      void queries.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  if (!mayCreate)
    return <p className="muted">{hasWorkspaces ? startTexts.noFreshKey : shellTexts.noWorkspace}</p>
  if (secret !== null)
    return (
      <div className="notice good row" role="status">
        <span>{startTexts.freshKeyShown}</span>
        <CopyButton text={secret} label={startTexts.keyLabel} />
      </div>
    )
  return (
    <div className="row">
      <button
        type="button"
        className="button"
        disabled={creation.isPending}
        onClick={() => creation.mutate()}
      >
        {startTexts.freshKey}
      </button>
      {creation.error !== null && (
        <span className="notice bad" role="alert">
          {creation.error.message}
        </span>
      )}
    </div>
  )
}
