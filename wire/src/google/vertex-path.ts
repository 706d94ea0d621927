/** The parts of a Claude path on Google Cloud, decoded. */
export interface VertexPath {
  /** The part before `/projects`, such as `/v1` or `/vertex/v1beta1`. */
  readonly prefix: string
  readonly project: string
  /** A region, a multi-region such as `eu`, or `global`. */
  readonly location: string
  /** In Google Cloud's form, such as `claude-opus-4-1@20250805`; null for counting, whose body names the model. */
  readonly model: string | null
  readonly method: 'rawPredict' | 'streamRawPredict'
}

/**
 * Parses `{prefix}/projects/{p}/locations/{l}/publishers/anthropic/models/{model}:{method}` from a raw path
 * without its query; null for any other path. Google's own version `/v1` is part of the prefix and may be
 * absent. The last colon separates model and method; some clients send it as `%3A`, as they may the `@`.
 *
 * Source: "Use Claude models" of the Google Cloud documentation.
 */
export function parseVertexPath(rawPath: string): VertexPath | null {
  const fields = form.exec(rawPath)?.groups
  if (fields === undefined) return null
  const project = decodeOnce(fields['project'])
  const location = decodeOnce(fields['location'])
  const call = decodeOnce(fields['call'])
  if (project === null || location === null || call === null) return null
  const colon = call.lastIndexOf(':')
  const model = call.slice(0, Math.max(colon, 0))
  const method = call.slice(colon + 1)
  if (model === '' || (method !== 'rawPredict' && method !== 'streamRawPredict')) return null
  const counts = model === 'count-tokens'
  // Token counting has no streaming form.
  if (counts && method === 'streamRawPredict') return null
  return { prefix: fields['prefix'] ?? '', project, location, model: counts ? null : model, method }
}

/** The resource name in the platform's errors. */
export function vertexResource({ project, location }: VertexPath, model: string): string {
  return `projects/${project}/locations/${location}/publishers/anthropic/models/${model}`
}

const form =
  /^(?<prefix>(?:\/.*)?)\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/publishers\/anthropic\/models\/(?<call>[^/]+)$/

function decodeOnce(segment: string | undefined): string | null {
  try {
    return decodeURIComponent(segment ?? '')
  } catch {
    return null
  }
}
