import { useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'

import { shellTexts } from '../texts/shell.ts'

/** Names the page in the title of the browser's tab. */
export function usePageTitle(): void {
  const { pathname } = useLocation()
  useEffect(() => {
    const path = pathname === '/' ? '/' : pathname.replace(/\/$/, '')
    const titles: Readonly<Record<string, string>> = shellTexts.pages
    document.title = [titles[path], shellTexts.product].filter((part) => part !== undefined).join(' · ')
  }, [pathname])
}
