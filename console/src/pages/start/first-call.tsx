import { usePageSearch } from '../../app/search-state.ts'
import { Code } from '../../parts/code.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { clientGuides, startTexts } from '../../texts/start.ts'
import { FreshKeyButton } from './fresh-key-button.tsx'
import { SnippetKeyProvider, useSnippetKey } from './snippet-key.tsx'

const names = ['curl', 'TypeScript', 'Python']

/** Snippets with the real address, and a button for the key in them. */
export function FirstCall() {
  return (
    <SnippetKeyProvider>
      <FirstCallSnippets />
    </SnippetKeyProvider>
  )
}

export function FirstCallSnippets() {
  const [search, change] = usePageSearch()
  const { secret } = useSnippetKey()
  const name = names.find((one) => one === search['snippet']) ?? 'curl'
  return (
    <div className="stack">
      <FreshKeyButton />
      <Tabs
        label={startTexts.firstCall}
        value={name}
        onChange={(chosen) => change({ snippet: chosen === 'curl' ? undefined : chosen })}
        tabs={clientGuides
          .filter((guide) => names.includes(guide.name))
          .map((guide) => ({
            value: guide.name,
            title: guide.name,
            content: (
              <Code
                label={startTexts.snippet(guide.name)}
                text={guide.snippet(location.origin, secret ?? startTexts.keyPlaceholder)}
              />
            ),
          }))}
      />
    </div>
  )
}
