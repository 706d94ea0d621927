import type { Body } from './dialect.ts'

/** A tool, and a question that needs it. */
export const weatherTool = {
  name: 'get_weather',
  description: 'Returns the weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

export const forecast: Body = {
  max_tokens: 128,
  tools: [weatherTool],
  messages: [{ role: 'user', content: 'What is the weather in Lisbon? Use the tool.' }],
}
