import { GatewayError } from '../../errors.ts'
import { minRedactedLength } from '../../log.ts'

/** A forward proxy. */
export interface Proxy {
  /** With the user and the password, which are sent as `Proxy-Authorization`. */
  readonly url: string
  /** The origin: all that may be shown. */
  readonly name: string
  /** The variable of the environment, or the member of the configuration, that contains it. */
  readonly setBy: string
}

/** Parses the URL of a proxy; a host without a scheme is one of HTTP, as for curl. Throws a GatewayError without the value, which may contain a password. */
export function parseProxy(text: string, setBy: string): Proxy {
  const url = parseUrl(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '' || !canDecode(url))
    throw new GatewayError('config_invalid', `${setBy} is not the URL of an HTTP proxy`, {
      hint: 'Write http://host:port or http://user:password@host:port, with special characters as %XX; SOCKS is not supported.',
    })
  // undici rejects a path.
  return { url: new URL('/', url).href, name: url.origin, setBy }
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}

function canDecode({ username, password }: URL): boolean {
  try {
    return decodeURIComponent(username + password) !== null
  } catch {
    return false
  }
}

/** The texts in which a log or an answer could contain the proxy's password. */
export function listProxySecrets({ url }: Proxy): readonly string[] {
  const { username, password } = new URL(url)
  if (username === '' && password === '') return []
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)]
  const texts = [
    password,
    secret,
    `${username}:${password}`,
    Buffer.from(`${user}:${secret}`).toString('base64'),
  ]
  // A short one may be an ordinary word; our own messages contain none of them.
  return texts.filter((text) => text.length >= minRedactedLength)
}
