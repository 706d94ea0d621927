const docs = 'https://platform.claude.com/docs/en'
const guide = `${docs}/about-claude/models/migration-guide`

const byCode: readonly (readonly [RegExp, string])[] = [
  [/^model_|^name_/, `${docs}/about-claude/model-deprecations`],
  [/^profile_/, 'https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html'],
  [/thinking/, `${docs}/build-with-claude/adaptive-thinking`],
  [/^beta/, `${docs}/api/beta-headers`],
  [/^tool_|computer/, `${docs}/agents-and-tools/tool-use/overview`],
  [/prefill|forced|temperature|top_|max_tokens|first_block|history/, guide],
  [/^gate|^name_built|^display|^price/, guide],
]

/** The page on which findings with a code rest. */
export function getLink(code: string): string | null {
  return byCode.find(([pattern]) => pattern.test(code))?.[1] ?? null
}
