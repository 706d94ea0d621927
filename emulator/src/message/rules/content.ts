import type { InputBlock, MessageParam, ToolResultContent } from '@anthology/wire'

/** A block of a conversation and where it stands, told as the schema tells it, with the tags of its types. */
export interface PlacedBlock {
  readonly path: string
  readonly block: InputBlock | ToolResultContent
}

/** Every block of the messages, and those within tool results, search results and documents. */
export function placeBlocks(messages: readonly MessageParam[]): readonly PlacedBlock[] {
  const placed: PlacedBlock[] = []
  for (const [index, { content }] of messages.entries())
    if (typeof content !== 'string') place(placed, `messages.${index}.content`, content)
  return placed
}

function place(placed: PlacedBlock[], path: string, blocks: readonly PlacedBlock['block'][]): void {
  for (const [index, block] of blocks.entries()) {
    const at = `${path}.${index}.${block.type}`
    placed.push({ path: at, block })
    if (block.type === 'tool_result' && typeof block.content !== 'string')
      place(placed, `${at}.content`, block.content ?? [])
    else if (block.type === 'document' && block.source.type === 'content') {
      if (typeof block.source.content !== 'string')
        place(placed, `${at}.source.content.content`, block.source.content)
    }
  }
}
