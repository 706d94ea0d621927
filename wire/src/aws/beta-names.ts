/**
 * Betas that have other names on Bedrock and Google Cloud than on the Claude API. The first of several cloud
 * names is used for translation: it is the one that Claude Code sends there.
 *
 * Source: "Tool search" and "Beta headers" of the Claude docs.
 */
export const betaNames: readonly { readonly firstParty: string; readonly clouds: readonly string[] }[] = [
  {
    firstParty: 'advanced-tool-use-2025-11-20',
    clouds: ['tool-search-tool-2025-10-19', 'tool-examples-2025-10-29'],
  },
]

/** The names on the Claude API, in order and without duplicates. */
export function firstPartyBetas(betas: readonly string[]): readonly string[] {
  return rename(betas, (beta) => betaNames.find(({ clouds }) => clouds.includes(beta))?.firstParty)
}

/** The names on Bedrock and Google Cloud, in order and without duplicates. */
export function cloudBetas(betas: readonly string[]): readonly string[] {
  return rename(betas, (beta) => betaNames.find(({ firstParty }) => firstParty === beta)?.clouds[0])
}

function rename(betas: readonly string[], getName: (beta: string) => string | undefined): readonly string[] {
  return [...new Set(betas.map((beta) => getName(beta) ?? beta))]
}
