import * as Dialog from '@radix-ui/react-dialog'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { KeyboardEvent } from 'react'

import { useMay, useMayCreateKeys, useSession } from '../api/session.ts'
import { useOpener } from '../parts/opener.ts'
import { createSharedValue } from '../parts/shared-value.ts'
import { shellTexts } from '../texts/shell.ts'
import { creating, listPages } from './pages.ts'
import { useShortcuts } from './shortcuts.ts'
import { setTheme } from './theme.ts'

interface Command {
  readonly title: string
  readonly hint: string
  readonly run: () => void
}

const isPaletteOpen = createSharedValue(false)

export function openCommandPalette(): void {
  isPaletteOpen.set(true)
}

/** Ctrl+K: every page, what can be created, every theme, and a call or a key by its id. */
export function CommandPalette() {
  const isOpen = isPaletteOpen.useValue()
  const opener = useOpener()
  useShortcuts({
    'ctrl+k': (event) => {
      event.preventDefault()
      isPaletteOpen.set(!isOpen)
    },
  })
  return (
    <Dialog.Root open={isOpen} onOpenChange={isPaletteOpen.set}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim" />
        <Dialog.Content className="dialog palette appears" aria-describedby={undefined} {...opener}>
          <Dialog.Title className="visually-hidden">{shellTexts.commands}</Dialog.Title>
          <CommandSearch />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function CommandSearch() {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const commands = useCommands(text)
  useEffect(() => {
    // In braces: newer browsers return a promise, which an effect may not.
    document.getElementById(`command-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const run = (command: Command | undefined) => {
    if (command === undefined) return
    isPaletteOpen.set(false)
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && commands.length > 0) {
      event.preventDefault()
      setAt((at + step + commands.length) % commands.length)
    } else if (event.key === 'Enter') run(commands[at])
  }
  return (
    <>
      <input
        className="palette-input"
        aria-label={shellTexts.commands}
        placeholder={shellTexts.commandsPlaceholder}
        role="combobox"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={`command-${at}`}
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul className="palette-list" id="commands" role="listbox" aria-label={shellTexts.commands}>
        {commands.map((command, index) => (
          <li
            key={command.title}
            id={`command-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => run(command)}
          >
            <span>{command.title}</span>
            <span className="muted small">{command.hint}</span>
          </li>
        ))}
      </ul>
      {commands.length === 0 && <p className="palette-list muted">{shellTexts.commandsEmpty}</p>}
    </>
  )
}

/** The commands with a text in their title, those with a word that begins with it first. */
function useCommands(text: string): readonly Command[] {
  const navigate = useNavigate()
  const role = useSession()?.role
  const wanted = text.trim().toLowerCase()
  const goTo = listPages(role).map(({ path, title }): Command => ({
    title,
    hint: shellTexts.goTo,
    run: () => void navigate({ to: path }),
  }))
  const themes = (['system', 'light', 'dark'] as const).map((theme): Command => ({
    title: `${shellTexts.theme.label}: ${shellTexts.theme[theme]}`,
    hint: '',
    run: () => setTheme(theme),
  }))
  const creates = useCreatable().map((path): Command => ({
    title: shellTexts.create[path],
    hint: '',
    run: () => void navigate({ to: path, search: creating }),
  }))
  const found = findById(text.trim()).map(({ path, title }): Command => ({
    title,
    hint: '',
    run: () => void navigate({ to: path, search: { open: text.trim() } }),
  }))
  const named = [...goTo, ...creates, ...themes].filter(({ title }) => title.toLowerCase().includes(wanted))
  const isAtStart = ({ title }: Command) => ` ${title.toLowerCase()}`.includes(` ${wanted}`)
  return [...found, ...named.filter(isAtStart), ...named.filter((command) => !isAtStart(command))]
}

/** The pages on which the user may create something. */
function useCreatable(): readonly (keyof typeof shellTexts.create)[] {
  const isAdmin = useMay()
  const may = {
    '/keys': useMayCreateKeys(),
    '/workspaces': isAdmin,
    '/members': isAdmin,
    '/budgets': useMay('billing'),
  }
  return (['/keys', '/workspaces', '/members', '/budgets'] as const).filter((path) => may[path])
}

/** The page that shows what has an id. */
function findById(id: string): readonly { readonly path: '/calls' | '/keys'; readonly title: string }[] {
  if (/^(?:req|msgbatch)_\S+$/.test(id)) return [{ path: '/calls', title: shellTexts.openCall(id) }]
  if (/^key_\S+$/.test(id)) return [{ path: '/keys', title: shellTexts.openKey(id) }]
  return []
}
