import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

import { usePageSearch } from '../../../app/search-state.ts'
import type { SavedContent } from '../content.ts'
import { isFragment, parseFragment } from './content-link.ts'

/**
 * Loads the content that is in the fragment of the address. `load` changes the address, which takes the fragment away:
 * from then on this browser keeps the content with its edits. `unreadable`: the fragment was none.
 */
export function useContentLink(load: (content: SavedContent) => void): 'none' | 'loaded' | 'unreadable' {
  const fragment = useLocation({ select: ({ hash }) => hash })
  const [, change] = usePageSearch()
  const [state, setState] = useState<'none' | 'loaded' | 'unreadable'>('none')
  const latest = useRef(load)
  useEffect(() => {
    latest.current = load
  })
  useEffect(() => {
    if (!isFragment(fragment)) return
    let isOver = false
    const read = async () => {
      const content = await parseFragment(fragment)
      if (isOver) return
      // A change of the address leaves its fragment out.
      if (content === null) change({})
      else latest.current(content)
      setState(content === null ? 'unreadable' : 'loaded')
    }
    void read()
    return () => {
      isOver = true
    }
  }, [fragment, change])
  return state
}
