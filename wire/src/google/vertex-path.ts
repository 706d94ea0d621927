/** A call of Claude on Google Cloud, as its path says it; all texts are decoded. */
export interface VertexPath {
  /** What stands before `/projects`, such as `/v1` or `/vertex/v1beta1`. */
  readonly prefix: string
  readonly project: string
  /** A region, a multi-region such as `eu`, or `global`. */
  readonly location: string
  /** As Google Cloud writes it, such as `claude-opus-4-1@20250805`; null for counting, whose body names it. */
  readonly model: string | null
  readonly method: 'rawPredict' | 'streamRawPredict'
}

/**
 * Reads `{prefix}/projects/{p}/locations/{l}/publishers/anthropic/models/{model}:{method}` from a raw path without its
 * query; null for any other. Google's own version `/v1` is part of the prefix and may be absent. Model and method are
 * divided by the last colon, which some clients write as `%3A`, as they may the `@`.
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
  // Tokens are counted in one answer; nothing is there to be streamed.
  if (counts && method === 'streamRawPredict') return null
  return { prefix: fields['prefix'] ?? '', project, location, model: counts ? null : model, method }
}

/** The resource's name, as errors of the platform quote it. */
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
