import * as Dialog from '@radix-ui/react-dialog'
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'

import { useSession } from '../api/session.ts'
import { shellTexts } from '../texts/shell.ts'
import { openCommandPalette } from './command-palette.tsx'
import { listPages } from './pages.ts'
import { SessionMenu } from './session-menu.tsx'

export function Sidebar({ foot }: { readonly foot: ReactNode }) {
  return (
    <nav className="sidebar" aria-label={shellTexts.navigation}>
      <Brand />
      <button type="button" className="button" onClick={openCommandPalette}>
        {shellTexts.commandsShort} <kbd>Ctrl K</kbd>
      </button>
      <PageLinks />
      {foot}
    </nav>
  )
}

/** The bar of narrow windows, with the menu in a drawer. */
export function Topbar() {
  const [isOpen, setOpen] = useState(false)
  const { pathname } = useLocation()
  const session = useSession()
  useEffect(() => setOpen(false), [pathname])
  return (
    <header className="topbar">
      <Brand />
      <span className="row">
        <button type="button" className="button small" onClick={openCommandPalette}>
          {shellTexts.commandsShort}
        </button>
        <Dialog.Root open={isOpen} onOpenChange={setOpen}>
          <Dialog.Trigger className="button small">{shellTexts.menu}</Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className="scrim" />
            <Dialog.Content className="drawer" aria-describedby={undefined}>
              <Dialog.Title className="visually-hidden">{shellTexts.navigation}</Dialog.Title>
              <nav className="stack" aria-label={shellTexts.navigation}>
                <PageLinks />
              </nav>
              {session !== undefined && <SessionMenu session={session} />}
              <Dialog.Close className="button">{shellTexts.close}</Dialog.Close>
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
      </span>
    </header>
  )
}

function Brand() {
  return (
    <Link to="/" className="brand">
      <img src="/console/icon.svg" alt="" />
      {shellTexts.product}
    </Link>
  )
}

function PageLinks() {
  const role = useSession()?.role
  const pages = listPages(role)
  return (['use', 'observe', 'manage'] as const).map((group) => (
    <div className="nav-group" key={group}>
      <h2>{shellTexts.groups[group]}</h2>
      {pages
        .filter((page) => page.group === group)
        .map(({ path, title }) => (
          <Link
            key={path}
            to={path as '/'}
            className="nav-link"
            activeOptions={{ exact: path === '/', includeSearch: false }}
          >
            {title}
          </Link>
        ))}
    </div>
  ))
}
