import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

import { promptVersionQuery } from '../../../api/prompts.ts'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { readContent } from './saved-content.ts'

/**
 * Loads the version that the address names, once. Later edits stay until the address names another one. Returns why it
 * could not be loaded, or null.
 */
export function useSavedPrompt(
  id: string | undefined,
  version: string | undefined,
  load: (content: SavedContent) => void,
): { readonly problem: string | null; readonly skip: (id: string, version: number) => void } {
  const wanted = id !== undefined && /^\d{1,9}$/.test(version ?? '') ? `${id} ${version}` : null
  const loaded = useRef<string | null>(null)
  const { data, error } = useQuery({
    ...promptVersionQuery(id ?? '', Number(version)),
    enabled: wanted !== null && wanted !== loaded.current,
  })
  const content = data === undefined ? undefined : readContent(data.content)
  useEffect(() => {
    if (wanted === null || wanted === loaded.current || content === null || content === undefined) return
    loaded.current = wanted
    load(content)
  })
  return {
    problem: error?.message ?? (content === null ? playgroundTexts.prompts.unreadable : null),
    // The page has a version that was just saved already.
    skip: (savedId, savedVersion) => {
      loaded.current = `${savedId} ${savedVersion}`
    },
  }
}
