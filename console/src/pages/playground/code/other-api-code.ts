import { chatMembers } from './chat-completion.ts'
import type { CodeRequest } from './code-request.ts'
import { Base64Bytes, printPython, printTypeScript } from './literals.ts'

/** Code for the SDKs of OpenAI and AWS, which call this gateway in formats of their own. */

export function printOpenaiTypeScript({ translated, isStreamed, baseUrl, secretName }: CodeRequest): string {
  const lines = Object.entries(translated).map(([name, value]) => {
    // OpenAI's README: how to send a parameter without a type.
    const comment = chatMembers.includes(name) ? '' : '  // @ts-expect-error: a member of the Messages API\n'
    return `${comment}  ${name}: ${printTypeScript(value, 2)},\n`
  })
  const call = `await client.chat.completions.create({\n${lines.join('')}})`
  const use = isStreamed
    ? `const stream = ${call}\nfor await (const chunk of stream) console.log(JSON.stringify(chunk))`
    : `const answer = ${call}\nconsole.log(JSON.stringify(answer, null, 2))`
  return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: process.env['${secretName}'] })
${use}
`
}

export function printOpenaiPython({ translated, isStreamed, baseUrl, secretName }: CodeRequest): string {
  const entries = Object.entries(translated)
  const more = Object.fromEntries(entries.filter(([name]) => !chatMembers.includes(name)))
  const members = entries
    .filter(([name]) => chatMembers.includes(name))
    .map(([name, value]) => `    ${name}=${printPython(value, 4)},\n`)
  if (Object.keys(more).length > 0) members.push(`    extra_body=${printPython(more, 4)},\n`)
  const call = `client.chat.completions.create(\n${members.join('')})`
  const use = isStreamed
    ? `for chunk in ${call}:\n    print(chunk.model_dump_json())`
    : `answer = ${call}\nprint(answer.model_dump_json(indent=2))`
  return `import os

from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key=os.environ["${secretName}"])
${use}
`
}

/** The client reads AWS_BEARER_TOKEN_BEDROCK. */
export function printConverseTypeScript(request: CodeRequest): string {
  const { translated, body, isStreamed, baseUrl, region } = request
  const command = isStreamed ? 'ConverseStreamCommand' : 'ConverseCommand'
  const input = printTypeScript({ modelId: body.model, ...translated }, 0)
  const use = isStreamed
    ? 'for await (const event of answer.stream ?? []) console.log(JSON.stringify(event))'
    : 'console.log(JSON.stringify(answer, null, 2))'
  return `import { BedrockRuntimeClient, ${command} } from '@aws-sdk/client-bedrock-runtime'

const client = new BedrockRuntimeClient({ endpoint: '${baseUrl}', region: '${region}' })
const answer = await client.send(new ${command}(${input}))
${use}
`
}

/** boto3 reads AWS_BEARER_TOKEN_BEDROCK. */
export function printConversePython(request: CodeRequest): string {
  const { translated, body, isStreamed, baseUrl, region } = request
  const members = Object.entries({ modelId: body.model, ...translated }).map(
    ([name, value]) => `    ${name}=${printPython(value, 4)},\n`,
  )
  const method = isStreamed ? 'converse_stream' : 'converse'
  const use = isStreamed ? 'for event in answer["stream"]:\n    print(event)' : 'print(answer)'
  const imports = hasBytes(translated) ? 'import base64\n\n' : ''
  return `${imports}import boto3

client = boto3.client("bedrock-runtime", endpoint_url="${baseUrl}", region_name="${region}")
answer = client.${method}(
${members.join('')})
${use}
`
}

function hasBytes(value: unknown): boolean {
  if (value instanceof Base64Bytes) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBytes)
}
