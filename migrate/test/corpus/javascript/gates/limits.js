/** The largest answer of a model, in tokens. */
export function maxOutputTokens(model) {
  if (model.startsWith('claude-3-7-sonnet')) return 64000
  if (/^claude-(opus-4-1|opus-4)-/.test(model)) return 32000
  if (model === 'claude-3-5-haiku-latest' || model.endsWith('haiku-20241022')) return 8192
  return 4096
}

const NO_PREFILL = new Set(['claude-opus-4-6', 'claude-opus-4-7', 'claude-opus-4-8'])

export function editorTool(model) {
  const [, major, minor] = model.match(/claude-(?:opus|sonnet|haiku)-(\d)-?(\d)?/) ?? []
  if (!major || Number(major + (minor ?? 0)) < 40) return null
  return { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' }
}

export const canPrefill = (model) => !NO_PREFILL.has(model)
export const isClaude = (model) => /claude/i.test(model) || model.includes('anthropic')
