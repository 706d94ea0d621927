/** A response, read to its end. */
export interface HttpAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; null if it is not JSON. */
  readonly json: unknown
}

/** Sends requests to one server. */
export function createExchangeOver(
  url: string,
): (
  method: string,
  path: string,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<HttpAnswer> {
  return async (method, path, body, headers = {}) => {
    const init = {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    }
    const response = await fetch(url + path, init)
    const text = await response.text()
    return { url, status: response.status, headers: response.headers, text, json: parse(text) }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
