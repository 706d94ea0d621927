/** A request target with a host, which every server has to accept (RFC 9112, 3.2.2). */
export interface AbsoluteTarget {
  /** Replaces the value of the `Host` header. */
  readonly authority: string
  /** Path and query: the same target without its host. */
  readonly path: string
}

/**
 * Parses a target in absolute form. Null: it has another form, names a user, or has the scheme `https` although the
 * connection is not encrypted, which a server must reject (RFC 9110, 7.4).
 */
export function parseAbsoluteTarget(target: string, isEncrypted: boolean): AbsoluteTarget | null {
  // Nearly every target ends here.
  if (target.startsWith('/')) return null
  const [, scheme, authority, rest = ''] = absoluteTarget.exec(target) ?? []
  if (authority === undefined || (scheme?.toLowerCase() === 'https' && !isEncrypted)) return null
  return { authority, path: rest.startsWith('/') ? rest : `/${rest}` }
}

const absoluteTarget = /^(https?):\/\/([^/?#@]+)((?:[/?].*)?)$/i
