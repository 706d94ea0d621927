import { ChatAnthropic } from '@langchain/anthropic'
import { initChatModel } from 'langchain/chat_models/universal'
import { ChatBedrockConverse } from '@langchain/aws'

const writer = new ChatAnthropic({
  model: 'claude-3-opus-20240229',
  temperature: 0.9,
  maxTokens: 2048,
})

const critic = await initChatModel('anthropic:claude-3-7-sonnet-latest', {
  temperature: 0,
  maxTokens: 1024,
})

const translator = new ChatBedrockConverse({
  model: 'eu.anthropic.claude-3-haiku-20240307-v1:0',
  region: 'eu-central-1',
  topP: 0.8,
})

export async function story(topic, { temperature } = {}) {
  const wild = new ChatAnthropic({ model: 'claude-opus-4-1', temperature })
  const draft = await (temperature === undefined ? writer : wild).invoke(`A story about ${topic}`)
  const notes = await critic.invoke(`What is weak here?\n${draft.content}`)
  return translator.invoke(`In German, with these notes: ${notes.content}\n${draft.content}`)
}
