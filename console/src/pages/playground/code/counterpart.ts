import type { Members } from '../members.ts'

/** An object with the member, or an empty one if it has no value. */
export function given(name: string, value: unknown): Members {
  return value === undefined || value === null ? {} : { [name]: value }
}

/** A part of a request that the format of a target has no place for. */
export class NoCounterpart extends Error {
  readonly place: string

  constructor(place: string) {
    super(`no counterpart for ${place}`)
    this.place = place
  }
}

/** The body in the format of a target, or the part that it has no place for. */
export type Translated =
  | { readonly ok: true; readonly body: Members }
  | { readonly ok: false; readonly place: string }

export function catchNoCounterpart(translate: () => Members): Translated {
  try {
    return { ok: true, body: translate() }
  } catch (error) {
    if (error instanceof NoCounterpart) return { ok: false, place: error.place }
    throw error
  }
}
