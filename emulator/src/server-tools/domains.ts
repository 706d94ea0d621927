/** A tool's `allowed_domains` and `blocked_domains`. */
export interface Domains {
  readonly allowed: readonly string[] | null
  readonly blocked: readonly string[]
}

/**
 * Domains have no scheme, include their subdomains, and may have a path with one `*` (docs.claude.com,
 * agents-and-tools/tool-use/web-search-tool; the `*` is uncertain and was not checked again).
 */
export function allowsUrl({ allowed, blocked }: Domains, url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname, pathname } = new URL(url)
  const isIn = (domain: string): boolean => {
    const [host = '', ...parts] = domain.toLowerCase().split('/')
    if (hostname !== host && !hostname.endsWith(`.${host}`)) return false
    const [start = '', end = ''] = parts.length === 0 ? [] : `/${parts.join('/')}`.split('*')
    return pathname.startsWith(start) && pathname.slice(start.length).includes(end)
  }
  return (allowed === null || allowed.some(isIn)) && !blocked.some(isIn)
}
