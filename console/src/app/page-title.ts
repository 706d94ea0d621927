import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'

import { shellTexts } from '../texts/shell.ts'
import { findPage } from './pages.ts'

/** Names the page in the title of the browser's tab. */
export function usePageTitle(): void {
  const { pathname } = useLocation()
  useEffect(() => {
    document.title = [findPage(pathname)?.title, shellTexts.product]
      .filter((part) => part !== undefined)
      .join(' · ')
  }, [pathname])
}
