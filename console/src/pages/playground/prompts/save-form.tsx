import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent } from 'react'

import { addPromptVersion, createPrompt } from '../../../api/prompts.ts'
import type { Prompt } from '../../../api/prompts.ts'
import { TextField } from '../../../parts/field.tsx'
import { playgroundTexts } from '../../../texts/playground.ts'
import type { SavedContent } from '../content.ts'
import { omitTokens } from './saved-content.ts'

const texts = playgroundTexts.prompts

interface SaveFormProps {
  /** The prompt that gets another version; undefined: only a new prompt can be saved. */
  readonly prompt: Prompt | undefined
  readonly content: SavedContent
  readonly onSaved: (id: string, version: number) => void
}

/** Saves what the page shows: as the next version of its prompt, or as a new prompt. */
export function SaveForm({ prompt, content, onSaved }: SaveFormProps) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const isVersion = prompt !== undefined && name === ''
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    const kept = omitTokens(content)
    try {
      const saved = isVersion
        ? await addPromptVersion(prompt.id, { note, content: kept })
        : await createPrompt({ name, note, content: kept })
      setName('')
      setNote('')
      await queries.invalidateQueries({ queryKey: ['prompts'] })
      onSaved(saved.prompt_id, saved.version)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <div className="filters">
        <TextField
          label={prompt === undefined ? texts.name : texts.newName}
          value={name}
          onChange={setName}
          isRequired={prompt === undefined}
        />
        <TextField label={texts.note} value={note} onChange={setNote} />
      </div>
      <div className="row">
        <button type="submit" className="button primary" disabled={isBusy}>
          {isVersion ? texts.saveVersion(prompt.name, prompt.latest_version + 1) : texts.saveNew}
        </button>
      </div>
      {problem !== null && (
        <p className="notice bad" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
