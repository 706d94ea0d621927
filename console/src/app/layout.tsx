import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'

import { useConnectionLost } from '../api/connection.ts'
import { sessionQuery } from '../api/session.ts'
import type { Session } from '../api/session.ts'
import { Toasts } from '../parts/toast.tsx'
import { shellTexts } from '../texts/shell.ts'
import { CommandPalette } from './command-palette.tsx'
import { NotAllowed, NoWorkspace } from './not-allowed.tsx'
import { findPage, listPages } from './pages.ts'
import { SessionMenu } from './session-menu.tsx'
import { Sidebar, Topbar } from './sidebar.tsx'
import { ShortcutHelp } from './shortcut-help.tsx'
import { SignIn } from './sign-in.tsx'
import { usePageTitle } from './page-title.ts'

/** The frame of every page. Without a session it is the page of signing in. */
export function Layout() {
  const { data: session, error } = useQuery(sessionQuery)
  const isLost = useConnectionLost()
  usePageTitle()
  useEffect(() => document.documentElement.removeAttribute('data-loading'), [])
  if (session === undefined)
    return (
      <main className="sign-in">
        <p role="status">{error === null ? shellTexts.loading : error.message}</p>
      </main>
    )
  if (!session.signed_in) return <SignIn session={session} />
  return (
    <>
      <a className="skip-link" href="#content">
        {shellTexts.skip}
      </a>
      {isLost && (
        <p className="banner" role="status">
          {shellTexts.lost}
        </p>
      )}
      <Topbar />
      <div className="shell">
        <Sidebar foot={<SessionMenu session={session} />} />
        <main className="main" id="content" tabIndex={-1}>
          <AllowedPage session={session} />
        </main>
      </div>
      <CommandPalette />
      <ShortcutHelp />
      <Toasts />
    </>
  )
}

function AllowedPage({ session: { role, workspaces } }: { readonly session: Session }) {
  const page = findPage(useLocation().pathname)
  if (page !== undefined && !listPages(role).includes(page)) return <NotAllowed page={page} />
  if (page?.isOfWorkspaces === true && workspaces?.length === 0) return <NoWorkspace page={page} />
  return <Outlet />
}
