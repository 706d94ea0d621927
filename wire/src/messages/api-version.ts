/**
 * The API versions of the Messages API, oldest first. `2023-01-01` is not among them: it is older than the Messages API,
 * and deprecated (Versions page).
 */
export const apiVersions = ['2023-06-01', '2026-10-21'] as const
export type ApiVersion = (typeof apiVersions)[number]

/** The version that the clouds have under names of their own, and the one whose block rules are stricter. */
export const [olderVersion, newerVersion] = apiVersions

export type ParsedApiVersion =
  | { readonly ok: true; readonly apiVersion: ApiVersion }
  | { readonly ok: false; readonly message: string }

/** Reads the header `anthropic-version`. One that was sent twice arrives joined and is no version. */
export function parseApiVersion(header: string | undefined): ParsedApiVersion {
  if (header === undefined || header === '')
    return { ok: false, message: 'anthropic-version: header is required' }
  const apiVersion = apiVersions.find((known) => known === header)
  return apiVersion === undefined
    ? { ok: false, message: describeUnknownVersion('anthropic-version', header) }
    : { ok: true, apiVersion }
}

/** The text for a version that there is not, by the header or member that names it. */
export function describeUnknownVersion(name: string, version: string): string {
  return `${name}: "${version.slice(0, maxEcho)}" is not a valid version`
}

/** A version that a client made up is echoed no longer than this. */
const maxEcho = 100
