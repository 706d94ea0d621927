import type { Role } from '../api/role.ts'
import { shellTexts } from '../texts/shell.ts'

export interface Page {
  readonly path: PagePath
  readonly title: string
  readonly group: 'use' | 'observe' | 'manage'
  /** The roles that see it in the menu, besides admin; null: all. */
  readonly roles: readonly Role[] | null
  /** It shows nothing but what belongs to workspaces. */
  readonly isOfWorkspaces: boolean
}

export type PagePath = keyof typeof shellTexts.pages

/** Where each page stands in the menu, and the roles that see it there besides admin; null: all. */
const places: Readonly<Record<PagePath, readonly [group: Page['group'], roles: Page['roles']]>> = {
  '/': ['use', null],
  '/playground': ['use', null],
  '/models': ['use', null],
  '/usage': ['observe', null],
  '/invoices': ['observe', ['billing', 'viewer']],
  '/calls': ['observe', null],
  '/sessions': ['observe', null],
  '/cache': ['observe', null],
  '/upstreams': ['observe', ['billing', 'viewer']],
  '/routing': ['observe', ['viewer']],
  '/keys': ['manage', null],
  '/workspaces': ['manage', ['billing', 'viewer']],
  '/members': ['manage', ['viewer']],
  '/budgets': ['manage', ['billing', 'viewer']],
  '/audit': ['manage', ['viewer']],
  '/settings': ['manage', ['viewer']],
}

const ofWorkspaces: ReadonlySet<PagePath> = new Set([
  '/usage',
  '/invoices',
  '/calls',
  '/sessions',
  '/cache',
  '/keys',
  '/workspaces',
  '/budgets',
])

/** The pages in the order of the menu. The router has exactly these. */
export const pages: readonly Page[] = (Object.keys(places) as PagePath[]) // The keys of a constant.
  .map((path) => {
    const [group, roles] = places[path]
    return { path, group, roles, title: shellTexts.pages[path], isOfWorkspaces: ofWorkspaces.has(path) }
  })

export function listPages(role: Role | undefined): readonly Page[] {
  return pages.filter(
    ({ roles }) => role === 'admin' || roles === null || roles.some((allowed) => allowed === role),
  )
}

/** The page at a path of the router, with or without a slash at its end. */
export function findPage(pathname: string): Page | undefined {
  const path = pathname === '/' ? '/' : pathname.replace(/\/$/, '')
  return pages.find((page) => page.path === path)
}

/** The state of a page's address that opens its dialog for a new entry. */
export const creating = { create: 'open' } as const
