/** Headers with lower-case names, one value or several, as HTTP libraries give them. */
export type HeaderLists = Readonly<Record<string, string | readonly string[] | undefined>>

/** The values of a header in one line, in the order in which they were sent (RFC 9110, 5.3). */
export function joinValues(value: string | readonly string[]): string {
  return typeof value === 'string' ? value : value.join(', ')
}

export function joinHeaders(headers: HeaderLists): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) joined[name] = joinValues(value)
  }
  return joined
}

/** The values of `anthropic-beta`, a list that clients write with or without spaces, and may send in several headers. */
export function readBetas(header: string | readonly string[] = ''): readonly string[] {
  const betas = joinValues(header).split(',')
  return betas.map((beta) => beta.trim()).filter((beta) => beta !== '')
}

/** The token of `authorization: Bearer` (RFC 6750, 2.1); null where another scheme or nothing stands there. */
export function readBearer(authorization = ''): string | null {
  return /^\s*bearer +(\S+)\s*$/i.exec(authorization)?.[1] ?? null
}
