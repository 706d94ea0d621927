/**
 * Betas that Bedrock and Google Cloud know under names of their own, beside the name on the Claude API. The first of
 * several stands for the whole: it is what Claude Code sends there.
 *
 * Source: "Tool search" and "Beta headers" of the Claude docs.
 */
export const betaNames: readonly { readonly firstParty: string; readonly clouds: readonly string[] }[] = [
  {
    firstParty: 'advanced-tool-use-2025-11-20',
    clouds: ['tool-search-tool-2025-10-19', 'tool-examples-2025-10-29'],
  },
]

/** The values as the Claude API knows them, in their order and none twice. */
export function firstPartyBetas(betas: readonly string[]): readonly string[] {
  return rename(betas, (beta) => betaNames.find(({ clouds }) => clouds.includes(beta))?.firstParty)
}

/** The values as Bedrock and Google Cloud know them, in their order and none twice. */
export function cloudBetas(betas: readonly string[]): readonly string[] {
  return rename(betas, (beta) => betaNames.find(({ firstParty }) => firstParty === beta)?.clouds[0])
}

function rename(betas: readonly string[], getName: (beta: string) => string | undefined): readonly string[] {
  return [...new Set(betas.map((beta) => getName(beta) ?? beta))]
}
