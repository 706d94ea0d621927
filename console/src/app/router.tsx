import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router'

import { Layout } from './layout.tsx'
import { NotFound } from './not-found.tsx'
import { PageError } from './page-error.tsx'
import { pages } from './pages.ts'
import type { PagePath } from './pages.ts'

const rootRoute = createRootRoute({ component: Layout, notFoundComponent: NotFound })

const load = <Module,>(module: () => Promise<Module>, name: keyof Module & string) =>
  lazyRouteComponent(module as never, name as never)

/** Every page is a chunk of its own, loaded when it is opened. */
const views: Readonly<Record<PagePath, ReturnType<typeof load>>> = {
  '/': load(() => import('../pages/start/start-page.tsx'), 'StartPage'),
  '/playground': load(() => import('../pages/playground/playground-page.tsx'), 'PlaygroundPage'),
  '/models': load(() => import('../pages/models/models-page.tsx'), 'ModelsPage'),
  '/usage': load(() => import('../pages/usage/usage-page.tsx'), 'UsagePage'),
  '/invoices': load(() => import('../pages/invoices/invoices-page.tsx'), 'InvoicesPage'),
  '/calls': load(() => import('../pages/calls/calls-page.tsx'), 'CallsPage'),
  '/sessions': load(() => import('../pages/sessions/sessions-page.tsx'), 'SessionsPage'),
  '/cache': load(() => import('../pages/cache/cache-page.tsx'), 'CachePage'),
  '/upstreams': load(() => import('../pages/upstreams/upstreams-page.tsx'), 'UpstreamsPage'),
  '/routing': load(() => import('../pages/routing/routing-page.tsx'), 'RoutingPage'),
  '/keys': load(() => import('../pages/keys/keys-page.tsx'), 'KeysPage'),
  '/workspaces': load(() => import('../pages/workspaces/workspaces-page.tsx'), 'WorkspacesPage'),
  '/members': load(() => import('../pages/members/members-page.tsx'), 'MembersPage'),
  '/budgets': load(() => import('../pages/budgets/budgets-page.tsx'), 'BudgetsPage'),
  '/audit': load(() => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
  '/settings': load(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
}

const routes = pages.map(({ path }) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    validateSearch: (search: Record<string, unknown>): PageSearch => readSearch(search),
    component: views[path],
  }),
)

/** The state of a page as it stands in the address: plain text by name. */
export type PageSearch = Readonly<Record<string, string | undefined>>

function readSearch(search: Readonly<Record<string, unknown>>): PageSearch {
  return Object.fromEntries(
    Object.entries(search)
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => [name, String(value)]),
  )
}

/** Values stay the text that they are: an id of digits is not a number. */
export const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  basepath: '/console',
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  scrollRestoration: true,
})
