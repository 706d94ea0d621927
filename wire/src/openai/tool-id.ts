/**
 * The id of a call in the form that the Messages API takes. Other models use characters that it rejects, as in
 * `functions.search:0`, and some use an id again in a later turn, which it rejects as well; `occurrence` counts
 * the calls with this id, from 1. An accepted id stays as it is. Different calls never get the same id, and the
 * same conversation always gets the same ids, so that its prompt can be cached.
 */
export function encodeToolId(id: string, occurrence: number): string {
  if (occurrence === 1 && accepted.test(id) && !id.startsWith(mark)) return id
  const escaped = id.replaceAll(/[^a-zA-Z0-9-]/g, (char) => `_${char.charCodeAt(0).toString(16)}_`)
  return occurrence === 1 ? `${mark}${escaped}` : `${mark}${escaped}_-${occurrence}`
}

const accepted = /^[a-zA-Z0-9_-]+$/

/** The beginning of every id that was changed. */
const mark = 'esc_'
