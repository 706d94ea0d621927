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

const rootRoute = createRootRoute({ component: Layout, notFoundComponent: NotFound })

/** Every page is a chunk of its own, loaded when it is opened. */
const page = <Module,>(path: string, load: () => Promise<Module>, name: keyof Module & string) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    validateSearch: (search: Record<string, unknown>): PageSearch => readSearch(search),
    component: lazyRouteComponent(load as never, name as never),
  })

const routes = [page('/', () => import('../pages/start/start-page.tsx'), 'StartPage')]

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
  scrollRestoration: true,
})
