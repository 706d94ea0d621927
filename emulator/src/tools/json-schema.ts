/** A JSON Schema as a client sends it, with unvalidated members. */
export type Schema = Readonly<Record<string, unknown>>
