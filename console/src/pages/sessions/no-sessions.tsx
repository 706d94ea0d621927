import { Code } from '../../parts/code.tsx'
import { Empty } from '../../parts/empty.tsx'
import { clientGuides, startTexts } from '../../texts/start.ts'
import { sessionTexts as texts } from '../../texts/usage.ts'
import { FreshKeyButton } from '../start/fresh-key-button.tsx'
import { SnippetKeyProvider, useSnippetKey } from '../start/snippet-key.tsx'

/** How a client is made to send the ids of its sessions. */
export function NoSessions() {
  return (
    <Empty title={texts.empty}>
      <SnippetKeyProvider>
        <FreshKeyButton />
        <Snippet />
      </SnippetKeyProvider>
    </Empty>
  )
}

function Snippet() {
  const { secret } = useSnippetKey()
  const guide = clientGuides.find(({ name }) => name === 'Claude Code')
  if (guide === undefined) return null
  return (
    <Code
      label={startTexts.snippet(guide.name)}
      text={guide.snippet(location.origin, secret ?? startTexts.keyPlaceholder)}
    />
  )
}
