import { createChance, fingerprintOf } from '../chance.ts'
import type { ScriptBlock, TextScript } from '../script.ts'
import { memberTexts } from '../tools/deltas.ts'
import type { Result } from '../tools/turn.ts'
import { splitTokens } from '../tokens.ts'
import type { ServerPlan } from './plan.ts'

/** The uses of this answer, each followed by its result, which comes whole and is no output of the model. */
export function* scriptRounds(
  { rounds, done, end, openId }: ServerPlan,
  fingerprint: string,
): Generator<ScriptBlock> {
  for (const [offset, { name, input, result }] of rounds.slice(done, end).entries()) {
    const isOpen = offset === 0 && openId !== null
    const id = isOpen ? openId : useId(fingerprintOf(fingerprint, name, String(done + offset)))
    if (!isOpen)
      yield { kind: 'server_tool_use', id, name, input, pieces: memberTexts(input), isFineGrained: false }
    yield { kind: 'whole', block: { type: result.type, tool_use_id: id, content: result.content }, tokens: 0 }
  }
}

/** What the answer tells of the rounds. */
export function tellRounds({ rounds }: ServerPlan): readonly Result[] {
  return rounds.map(({ name, told }) => ({ name, ...told }))
}

/** Sentences that quote what the tools brought, each place once. */
export function scriptSources({ rounds }: ServerPlan): readonly TextScript[] {
  const citations = new Map(rounds.flatMap((round) => round.citations).map((one) => [one.cited_text, one]))
  return [...citations.values()].slice(0, mostCitations).map((citation) => {
    const title = 'title' in citation ? citation.title : citation.document_title
    const text = `\n\n“${title}” has it that ${citation.cited_text}`
    return { kind: 'text', pieces: splitTokens(text), citations: [citation] }
  })
}

const mostCitations = 5
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Like the service's own: `srvtoolu_01` and 22 characters. */
function useId(fingerprint: string): string {
  const chance = createChance(fingerprint)
  return `srvtoolu_01${Array.from({ length: 22 }, () => alphabet[chance.below(alphabet.length)]).join('')}`
}
