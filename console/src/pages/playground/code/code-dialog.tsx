import type { Model } from '@anthology/catalog'

import { usePageSearch } from '../../../app/search-state.ts'
import { Code } from '../../../parts/code.tsx'
import { Choice, Segments } from '../../../parts/field.tsx'
import { Modal } from '../../../parts/modal.tsx'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { CreatedRequest } from '../create-request.ts'
import { createCodeRequest } from './code-request.ts'
import type { Target } from './code-request.ts'
import { listLanguages, printCode } from './print-code.ts'

const texts = playgroundTexts.code

interface CodeDialogProps {
  readonly models: readonly Model[]
  readonly requests: Readonly<Record<string, CreatedRequest>>
  readonly onClose: () => void
}

/** The request as a program, for every language and cloud. */
export function CodeDialog({ models, requests, onClose }: CodeDialogProps) {
  const [search, change] = usePageSearch()
  const target = readTarget(search['target'])
  const model = models.find(({ id }) => id === search['code_model']) ?? models[0]
  const modelId = model?.id ?? ''
  const created = requests[modelId]
  const languages = listLanguages(target)
  const language = languages.find((name) => name === search['language']) ?? 'curl'
  const result =
    model === undefined || created?.ok !== true
      ? null
      : createCodeRequest({ ...created, target, model, gatewayUrl: location.origin })
  return (
    <Modal title={texts.title} isOpen shape="wide" onClose={onClose}>
      <div className="choices">
        <Choice
          label={texts.target}
          value={target}
          onChange={(name) => change({ target: name })}
          options={Object.entries(texts.targets) as [Target, string][]} // The table has a text for each.
        />
        {models.length > 1 && (
          <Choice
            label={texts.model}
            value={modelId}
            onChange={(id) => change({ code_model: id })}
            options={models.map(({ id, displayName }) => [id, displayName])}
          />
        )}
      </div>
      <div className="segments-frame">
        <Segments
          label={texts.language}
          value={language}
          onChange={(name) => change({ language: name })}
          options={languages.map((name) => [name, name])}
        />
      </div>
      {created?.ok === false ? (
        <p className="notice bad">{created.problem}</p>
      ) : result === null ? null : result.ok ? (
        <>
          <p className="muted small">{texts.secret(result.request.secretName, target)}</p>
          <Code text={printCode(language, result.request)} label={texts.label(language)} />
        </>
      ) : (
        <p className="notice">
          {result.because === 'not_offered'
            ? texts.notOffered(model?.displayName ?? modelId, texts.targets[target])
            : texts.noCounterpart(result.place, texts.targets[target])}
        </p>
      )}
    </Modal>
  )
}

function readTarget(name: string | undefined): Target {
  return name !== undefined && Object.hasOwn(texts.targets, name) ? (name as Target) : 'gateway' // A key of the table.
}
