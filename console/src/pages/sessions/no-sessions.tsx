import { Code } from '../../parts/code.tsx'
import { Empty } from '../../parts/empty.tsx'
import { clientGuides, startTexts } from '../../texts/start.ts'
import { sessionTexts as texts } from '../../texts/usage.ts'

/** How a client is made to send the ids of its sessions. */
export function NoSessions() {
  const guide = clientGuides.find(({ name }) => name === 'Claude Code')
  return (
    <Empty title={texts.empty}>
      {guide !== undefined && (
        <Code
          label={startTexts.snippet(guide.name)}
          text={guide.snippet(location.origin, startTexts.keyPlaceholder)}
        />
      )}
    </Empty>
  )
}
