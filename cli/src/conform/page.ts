import { sources } from './check.ts'
import { checks, conformProtocols } from './checks.ts'

const titles = {
  messages: 'Messages',
  bedrock: 'Amazon Bedrock',
  vertex: 'Vertex AI',
} as const

/** The page docs/conform.md, with a table of all requirements. */
export function formatConformPage(): string {
  return [
    intro,
    ...conformProtocols.flatMap((protocol) => [
      `## ${titles[protocol]}`,
      '',
      '| id | requirement | source |',
      '| --- | --- | --- |',
      ...checks[protocol].map(
        ({ id, asks, source }) => `| \`${id}\` | ${escapeCell(asks)} | ${sources[source]} |`,
      ),
      '',
    ]),
  ].join('\n')
}

function escapeCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`)
}

const intro = `# Conformance of a gateway

\`anthology conform\` runs the published contract of Claude Code for gateways against any gateway, over real HTTP/1.1 and, where AWS clients
need it, HTTP/2:

\`\`\`text
anthology conform http://127.0.0.1:7171 --key $KEY
anthology conform https://gateway.example --key $KEY --protocol bedrock --aws $ID:$SECRET --junit conform.xml --yes
\`\`\`

Every requirement that can be observed from outside is one row: passed, failed, or skipped with the reason. A failed row shows what was sent
and got, without credentials. The exit code is 0 if no row failed, 1 if one failed, and 2 for wrong use. \`--json\` prints the rows as data.

The calls are small, and the model is Claude Haiku 4.5 unless \`--model\` names another one. Before calls to another machine the command tells
what they may cost at list prices, and asks; \`--yes\` skips the question. Two checks send a body that is too large on purpose, which a gateway
refuses before anything is paid.

Some rows need more: \`--limited-key\` is a key over its rate limit, and \`--aws\` are AWS credentials that the gateway issued. This table is made
by \`scripts/conform.ts\`; a test compares it with the checks, and another holds that Anthology passes all of them.
`
