/**
 * The API versions of the Messages API, oldest first. `2023-01-01` is missing: it predates the Messages API
 * and is deprecated (Versions page).
 */
export const apiVersions = ['2023-06-01', '2026-10-21'] as const
export type ApiVersion = (typeof apiVersions)[number]

/** The older version has other names on the clouds; the newer one has stricter block rules. */
export const [olderVersion, newerVersion] = apiVersions

export type ParsedApiVersion =
  | { readonly ok: true; readonly apiVersion: ApiVersion }
  | { readonly ok: false; readonly message: string }

/** Parses the header `anthropic-version`. A repeated header arrives comma-joined, so it matches no version. */
export function parseApiVersion(header: string | undefined): ParsedApiVersion {
  if (header === undefined || header === '')
    return { ok: false, message: 'anthropic-version: header is required' }
  const apiVersion = apiVersions.find((known) => known === header)
  return apiVersion === undefined
    ? { ok: false, message: describeUnknownVersion('anthropic-version', header) }
    : { ok: true, apiVersion }
}

/** The error message for an unknown version; `name` is the header or member that contains it. */
export function describeUnknownVersion(name: string, version: string): string {
  return `${name}: "${version.slice(0, maxEcho)}" is not a valid version`
}

/** The maximum length of a client's version in an error message. */
const maxEcho = 100
