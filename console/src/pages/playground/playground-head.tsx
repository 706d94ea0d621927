import type { Model } from '@anthology/catalog'

import { usePageSearch } from '../../app/search-state.ts'
import { PageHead } from '../../parts/page-head.tsx'
import { showToast } from '../../parts/toast.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { CodeDialog } from './code/code-dialog.tsx'
import { emptyContent, exampleContent } from './content.ts'
import type { Content } from './content.ts'
import { PromptsDialog } from './prompts/prompts-dialog.tsx'
import { ShareDialog } from './share/share-dialog.tsx'
import type { Requests } from './use-runs.ts'

interface PlaygroundHeadProps {
  readonly content: Content
  readonly models: readonly Model[]
  readonly requests: Requests
  readonly isRunning: boolean
  readonly onContent: (content: Content) => void
  readonly onRun: () => void
  readonly onStop: () => void
  /** A version was saved; the page shows it already. */
  readonly onSaved: (promptId: string, version: number) => void
}

/** The actions of the page, and the dialogs that they open. */
export function PlaygroundHead(props: PlaygroundHeadProps) {
  const { isRunning, onContent, onRun, onStop } = props
  const [{ dialog }, change] = usePageSearch()
  const open = (name: DialogName) => change({ dialog: name }, { push: true })
  const action = (text: string, act: () => void, look = 'quiet') => (
    <button type="button" className={`button ${look}`} onClick={act}>
      {text}
    </button>
  )
  return (
    <>
      <PageHead title={texts.title} lead={texts.lead}>
        {action(texts.example, () => onContent(exampleContent))}
        {action(texts.clear, () => onContent(emptyContent))}
        {action(texts.prompts.button, () => open('prompts'), '')}
        {action(texts.share.button, () => open('share'), '')}
        {action(texts.code.button, () => open('code'), '')}
        {isRunning ? action(texts.stop, onStop, '') : action(texts.run, onRun, 'primary')}
      </PageHead>
      {isDialogName(dialog) && <HeadDialog {...props} dialog={dialog} onClose={() => change(closed)} />}
    </>
  )
}

const dialogNames = ['code', 'prompts', 'share'] as const

type DialogName = (typeof dialogNames)[number]

function isDialogName(name: string | undefined): name is DialogName {
  return dialogNames.some((known) => known === name)
}

/** The state of the dialogs in the address. */
const closed = {
  dialog: undefined,
  target: undefined,
  language: undefined,
  code_model: undefined,
  shown: undefined,
} as const

/** The address names one origin of the draft: a saved prompt takes the place of the request of a call. */
const saved = (prompt: string, version: number) => ({ prompt, version: String(version), call: undefined })

interface HeadDialogProps extends Pick<PlaygroundHeadProps, 'content' | 'models' | 'requests' | 'onSaved'> {
  readonly dialog: DialogName
  readonly onClose: () => void
}

function HeadDialog({ dialog, content, models, requests, onSaved, onClose }: HeadDialogProps) {
  const [search, change] = usePageSearch()
  if (dialog === 'code') return <CodeDialog models={models} requests={requests} onClose={onClose} />
  const current = { ...content, models: models.map(({ id }) => id) }
  if (dialog === 'share') return <ShareDialog content={current} onClose={onClose} />
  return (
    <PromptsDialog
      openId={search['prompt']}
      current={current}
      onOpen={(prompt, version) => change({ ...closed, ...saved(prompt, version) }, { push: true })}
      onSaved={(prompt, version) => {
        onSaved(prompt, version)
        change({ ...saved(prompt, version), shown: undefined })
        showToast(texts.prompts.saved(version))
      }}
      onClose={onClose}
    />
  )
}
