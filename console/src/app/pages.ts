import type { Role } from '../api/session.ts'
import { shellTexts } from '../texts/shell.ts'

export interface Page {
  readonly path: PagePath
  readonly title: string
  readonly group: 'use' | 'observe' | 'manage'
  /** The roles that see it in the menu, besides admin; null: all. */
  readonly roles: readonly Role[] | null
}

export type PagePath = keyof typeof shellTexts.pages

/** The pages in the order of the menu. */
export const pages: readonly Page[] = (
  [
    ['/', 'use', null],
    ['/playground', 'use', null],
    ['/models', 'use', null],
    ['/usage', 'observe', null],
    ['/calls', 'observe', null],
    ['/sessions', 'observe', null],
    ['/cache', 'observe', null],
    ['/upstreams', 'observe', ['billing', 'viewer']],
    ['/routing', 'observe', []],
    ['/keys', 'manage', null],
    ['/workspaces', 'manage', ['billing', 'viewer']],
    ['/members', 'manage', ['viewer']],
    ['/budgets', 'manage', ['billing', 'viewer']],
    ['/audit', 'manage', ['viewer']],
    ['/settings', 'manage', ['viewer']],
  ] as const
).map(([path, group, roles]) => ({ path, group, roles, title: shellTexts.pages[path] }))

export function listPages(role: Role | undefined): readonly Page[] {
  return pages.filter(
    ({ roles }) => role === 'admin' || roles === null || roles.some((allowed) => allowed === role),
  )
}
