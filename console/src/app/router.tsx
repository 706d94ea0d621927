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

const rootRoute = createRootRoute({ component: Layout, notFoundComponent: NotFound })

/** Every page is a chunk of its own, loaded when it is opened. */
const page = <Module,>(path: string, load: () => Promise<Module>, name: keyof Module & string) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    validateSearch: (search: Record<string, unknown>): PageSearch => readSearch(search),
    component: lazyRouteComponent(load as never, name as never),
  })

const routes = [
  page('/', () => import('../pages/start/start-page.tsx'), 'StartPage'),
  page('/playground', () => import('../pages/playground/playground-page.tsx'), 'PlaygroundPage'),
  page('/models', () => import('../pages/models/models-page.tsx'), 'ModelsPage'),
  page('/usage', () => import('../pages/usage/usage-page.tsx'), 'UsagePage'),
  page('/calls', () => import('../pages/calls/calls-page.tsx'), 'CallsPage'),
  page('/sessions', () => import('../pages/sessions/sessions-page.tsx'), 'SessionsPage'),
  page('/cache', () => import('../pages/cache/cache-page.tsx'), 'CachePage'),
  page('/upstreams', () => import('../pages/upstreams/upstreams-page.tsx'), 'UpstreamsPage'),
  page('/routing', () => import('../pages/routing/routing-page.tsx'), 'RoutingPage'),
  page('/keys', () => import('../pages/keys/keys-page.tsx'), 'KeysPage'),
  page('/workspaces', () => import('../pages/workspaces/workspaces-page.tsx'), 'WorkspacesPage'),
  page('/members', () => import('../pages/members/members-page.tsx'), 'MembersPage'),
  page('/budgets', () => import('../pages/budgets/budgets-page.tsx'), 'BudgetsPage'),
  page('/audit', () => import('../pages/audit/audit-page.tsx'), 'AuditPage'),
  page('/settings', () => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
]

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
