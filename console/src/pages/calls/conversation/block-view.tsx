import { useState } from 'react'

import { Badge } from '../../../parts/badge.tsx'
import { Code } from '../../../parts/code.tsx'
import { conversationTexts as texts } from '../../../texts/conversation.ts'
import { readBlocks, toObject, toText } from './read-conversation.ts'
import type { Json } from './read-conversation.ts'

/** A content block. All of it is text of strangers: it is shown as text, and nothing of it is loaded. */
export function BlockView({ block }: { readonly block: Json }) {
  return (
    <>
      <BlockContent block={block} />
      {block['cache_control'] !== undefined && block['cache_control'] !== null && (
        <p>
          <Badge>{texts.breakpoint}</Badge>
        </p>
      )}
    </>
  )
}

function BlockContent({ block }: { readonly block: Json }) {
  const type = toText(block['type'])
  switch (type) {
    case 'text':
      return <LongText text={toText(block['text'])} />
    case 'thinking':
    case 'redacted_thinking':
      return <Thinking text={typeof block['thinking'] === 'string' ? block['thinking'] : ''} />
    case 'image':
    case 'document':
      return <File type={type} source={toObject(block['source'])} />
    case 'tool_use':
    case 'server_tool_use':
      return (
        <>
          <p>
            <Badge>{texts.toolUse(toText(block['name']))}</Badge>
          </p>
          <LongCode label={texts.toolUse(toText(block['name']))} value={block['input']} />
        </>
      )
    case 'tool_result':
      return <ToolResult block={block} />
    default:
      return <LongCode label={type} value={block} />
  }
}

function Thinking({ text }: { readonly text: string }) {
  return (
    <details className="conversation-aside">
      <summary className="muted">{texts.thinking}</summary>
      {text === '' ? <p className="muted">{texts.thinkingHidden}</p> : <LongText text={text} />}
    </details>
  )
}

function ToolResult({ block }: { readonly block: Json }) {
  const isError = block['is_error'] === true
  return (
    <div className="stack conversation-aside">
      <p>
        <Badge tone={isError ? 'bad' : 'neutral'}>{isError ? texts.toolError : texts.toolResult}</Badge>
      </p>
      {readBlocks(block['content']).map((inner, index) => (
        // Blocks have no ids, and their order never changes.
        <BlockView key={index} block={inner} />
      ))}
    </div>
  )
}

/** The types that a browser shows without running anything of them. */
const shownTypes: readonly unknown[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

function File({ type, source }: { readonly type: string; readonly source: Json }) {
  const { data, media_type: mediaType, url, file_id: fileId, content } = source
  if (typeof data === 'string') {
    if (source['type'] === 'text') return <LongText text={data} />
    const name = texts.file(toText(mediaType), Math.floor((data.replace(/=+$/, '').length * 3) / 4))
    return (
      <>
        {shownTypes.includes(mediaType) && (
          <img className="conversation-image" src={`data:${toText(mediaType)};base64,${data}`} alt={name} />
        )}
        <p className="small muted">{name}</p>
      </>
    )
  }
  if (content !== undefined)
    return readBlocks(content).map((inner, index) => <BlockView key={index} block={inner} />)
  return <p className="conversation-text">{texts.source(type, toText(url ?? fileId ?? source['type']))}</p>
}

const foldedText = 1_000
/** Code scrolls in a frame of its own. */
const foldedCode = 20_000

/** A long text shows its beginning first. */
function LongText({ text }: { readonly text: string }) {
  const { shown, button } = useFold(text, foldedText)
  return (
    <>
      <div className="conversation-text">{shown}</div>
      {button}
    </>
  )
}

function LongCode({ label, value }: { readonly label: string; readonly value: unknown }) {
  const { shown, button } = useFold(JSON.stringify(value, null, 2) ?? '', foldedCode)
  return (
    <>
      <Code label={label} text={shown} wraps />
      {button}
    </>
  )
}

function useFold(text: string, characters: number) {
  const [isOpen, setIsOpen] = useState(false)
  if (isOpen || text.length <= characters) return { shown: text, button: null }
  return {
    shown: `${text.slice(0, characters)} …`,
    button: (
      <button type="button" className="button small" onClick={() => setIsOpen(true)}>
        {texts.showAll(text.length)}
      </button>
    ),
  }
}
