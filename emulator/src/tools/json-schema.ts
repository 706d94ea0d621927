/** A JSON Schema as a client sends it: its members may hold anything. */
export type Schema = Readonly<Record<string, unknown>>
