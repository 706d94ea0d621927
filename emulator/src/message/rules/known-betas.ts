import { betaStateOn, findBeta } from '@anthology/catalog'
import type { LifecycleMode } from '@anthology/catalog'

import type { ApiError } from '../../http/reply.ts'

/**
 * A header that names a beta nobody has heard of is refused, whatever the body (public issue
 * reports; clients such as Claude Code drop the value and try again). A known one without effect
 * is let through. Where dates are enforced, one that is not out yet is not known.
 */
export function findUnknownBeta(
  betas: readonly string[],
  { lifecycle, today }: { readonly lifecycle: LifecycleMode; readonly today: string },
): ApiError | null {
  const unknown = betas.filter((value) => {
    const beta = findBeta(value)
    return beta === null || (lifecycle !== 'ignore' && betaStateOn(beta, today) === 'not_yet')
  })
  if (unknown.length === 0) return null
  const shown = unknown.slice(0, maxShown).map((value) => `\`${value.slice(0, maxShownLength)}\``)
  const message =
    `Unexpected value(s) ${shown.join(', ')} for the \`anthropic-beta\` header. ` +
    'Please consult our documentation at docs.claude.com or try again without the header.'
  return { status: 400, message }
}

/** What a client made up is echoed no longer than this. */
const maxShownLength = 100
const maxShown = 10
