import { createContext, useContext, useMemo, useState } from 'react'
import type { ReactNode } from 'react'

interface SnippetKey {
  /** The secret of a key that was created on this page; null: none yet. It is kept in memory only. */
  readonly secret: string | null
  readonly setSecret: (secret: string) => void
}

const Context = createContext<SnippetKey>({ secret: null, setSecret: () => {} })

/** The snippets of a page share one key. */
export function SnippetKeyProvider({ children }: { readonly children: ReactNode }) {
  const [secret, setSecret] = useState<string | null>(null)
  const value = useMemo(() => ({ secret, setSecret }), [secret])
  return <Context.Provider value={value}>{children}</Context.Provider>
}

export function useSnippetKey(): SnippetKey {
  return useContext(Context)
}
