import { ApiError } from '../../errors.ts'
import type { AdminRoute } from './route.ts'

interface FoundRoute<Route> {
  readonly route: Route
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Finds the route of a request by its method and its raw path. A `{name}` in a route's path matches one segment, which
 * is decoded after that: an encoded slash is part of the value. Throws an ApiError for an unknown path or method.
 */
export function findRoute<Route extends Pick<AdminRoute, 'method' | 'path'>>(
  routes: readonly Route[],
  method: string,
  path: string,
): FoundRoute<Route> {
  const segments = path.split('/')
  const here = routes.flatMap((route) => {
    const parameters = matchSegments(route.path.split('/'), segments)
    return parameters === null ? [] : [{ route, parameters }]
  })
  if (here.length === 0)
    throw new ApiError('no_route', `the admin API has no path ${path.slice(0, maxEchoLength)}`)
  const found = here.find(({ route }) => route.method === method)
  if (found !== undefined) return { route: found.route, parameters: decode(found.parameters) }
  const allow = here.map(({ route }) => route.method).join(', ')
  const message = `method ${method} is not allowed on this path; use ${allow.replaceAll(', ', ' or ')}`
  throw new ApiError('wrong_method', message, undefined, { headers: { allow } })
}

/** Returns the raw values of the pattern's parameters, or null if the path does not match. */
function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null
  const parameters: Record<string, string> = {}
  for (const [index, wanted] of pattern.entries()) {
    const given = segments[index] ?? ''
    if (!wanted.startsWith('{')) {
      if (wanted !== given) return null
    } else if (given === '') return null
    else parameters[wanted.slice(1, -1)] = given
  }
  return parameters
}

function decode(parameters: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value)]),
    )
  } catch {
    throw new ApiError('bad_request', 'the path has an invalid percent-encoding')
  }
}

/** Max length at which client-supplied paths are echoed. */
const maxEchoLength = 200
