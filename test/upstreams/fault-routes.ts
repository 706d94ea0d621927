import { models } from '@anthology/catalog'

import type { ConnectionFault } from './faults/connection-faults.ts'
import { connectionFaults } from './faults/connection-faults.ts'

type FirstUpstream = 'first' | ConnectionFault

/** The upstreams that a call may ask; `quota` has a model of its own, so that a blocked one concerns no other call. */
export type Route = `${FirstUpstream | 'quota'} ${'pair' | 'alone'}`

interface RoutedModel {
  readonly model: string
  readonly upstreams: readonly string[]
}

const firsts = ['first', ...Object.keys(connectionFaults)] as FirstUpstream[] // The keys of the literal are its type's.

/** Each route has a model, so that one gateway serves every combination. Models before these need no special request. */
const ids = models.map(({ id }) => id).filter((id) => !/mythos|fable/.test(id))

const routes: readonly (readonly [Route, readonly string[]])[] = [
  ...firsts.flatMap((name) => [
    [`${name} pair`, [name, 'second']] as const,
    [`${name} alone`, [name]] as const,
  ]),
  ['quota pair', ['first', 'second']],
  ['quota alone', ['first']],
]

export const modelsByRoute = Object.fromEntries(
  routes.map(([route, upstreams], index): [Route, RoutedModel] => {
    const model = ids[index]
    if (model === undefined) throw new Error('the catalog has fewer models than there are routes')
    return [route, { model, upstreams }]
  }),
) as Readonly<Record<Route, RoutedModel>> // Every route is in the list.
