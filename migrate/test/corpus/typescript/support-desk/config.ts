/** Settings of the support desk. Set CLAUDE_MODEL to try another model, e.g. claude-3-opus-20240229. */
export interface Settings {
  readonly model: string
  readonly cheapModel: string
  readonly maxTokens: number
}

export const settings: Settings = {
  model: process.env['CLAUDE_MODEL'] ?? 'claude-3-7-sonnet-20250219',
  cheapModel: process.env['CLAUDE_CHEAP_MODEL'] || 'claude-3-5-haiku-latest',
  maxTokens: 16_000,
}

/** Folder of the sessions on disk; unrelated to the model. */
export const sessionFile = (id: string) => `claude-${id}.json`
