import { placeholders } from './code-request.ts'
import type { CodeRequest, MessagesTarget } from './code-request.ts'
import { printPython, printRuby, printTypeScript } from './literals.ts'

/** Code for the official SDKs that take the members of a body as they are. */

/** A request to an API that takes the body of the Messages API. */
export type MessagesRequest = CodeRequest & { readonly target: MessagesTarget }

export function printTypeScriptCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed, baseUrl, region, secretName } = request
  const secret = `process.env['${secretName}']`
  const [module, client] = {
    gateway: ['sdk', `new Anthropic({ baseURL: '${baseUrl}', apiKey: ${secret} })`],
    claude: ['sdk', `new Anthropic({ apiKey: ${secret} })`],
    bedrock: ['bedrock-sdk', `new AnthropicBedrock({ awsRegion: '${region}' })`],
    vertex: [
      'vertex-sdk',
      `new AnthropicVertex({ projectId: '${placeholders.project}', region: '${region}' })`,
    ],
    foundry: [
      'foundry-sdk',
      `new AnthropicFoundry({ resource: '${placeholders.resource}', apiKey: ${secret} })`,
    ],
  }[target] as [string, string] // Every row has both.
  const name = /new (\w+)/.exec(client)?.[1] ?? ''
  const options = betas.length > 0 ? `, {\n  headers: { 'anthropic-beta': '${betas.join(',')}' },\n}` : ''
  const call = `await client.messages.create(${printTypeScript(body, 0)}${options})`
  const use = isStreamed
    ? `const stream = ${call}\nfor await (const event of stream) console.log(JSON.stringify(event))`
    : `const message = ${call}\nconsole.log(JSON.stringify(message, null, 2))`
  return `import ${name} from '@anthropic-ai/${module}'\n\nconst client = ${client}\n${use}\n`
}

export function printPythonCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed, baseUrl, region, secretName } = request
  const secret = `api_key=os.environ["${secretName}"]`
  const [name, options] = {
    gateway: ['Anthropic', `base_url="${baseUrl}", ${secret}`],
    claude: ['Anthropic', secret],
    bedrock: ['AnthropicBedrock', `aws_region="${region}"`],
    vertex: ['AnthropicVertex', `project_id="${placeholders.project}", region="${region}"`],
    foundry: ['AnthropicFoundry', `resource="${placeholders.resource}", ${secret}`],
  }[target] as [string, string] // Every row has both.
  const members = Object.entries(body).map(([member, value]) => `    ${member}=${printPython(value, 4)},\n`)
  if (betas.length > 0)
    members.push(`    extra_headers={"anthropic-beta": ${JSON.stringify(betas.join(','))}},\n`)
  const call = `client.messages.create(\n${members.join('')})`
  const use = isStreamed
    ? `for event in ${call}:\n    print(event.model_dump_json())`
    : `message = ${call}\nprint(message.model_dump_json(indent=2))`
  const imports = options.includes('os.environ') ? `import os\n\n` : ''
  return `${imports}from anthropic import ${name}\n\nclient = ${name}(${options})\n${use}\n`
}

export function printRubyCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed, baseUrl, region, secretName } = request
  const secret = `api_key: ENV.fetch("${secretName}")`
  const client = {
    gateway: `Anthropic::Client.new(base_url: "${baseUrl}", ${secret})`,
    claude: `Anthropic::Client.new(${secret})`,
    bedrock: `Anthropic::BedrockClient.new(aws_region: "${region}")`,
    vertex: `Anthropic::VertexClient.new(project_id: "${placeholders.project}", region: "${region}")`,
    foundry: `Anthropic::Client.new(base_url: "${baseUrl}", ${secret})`,
  }[target]
  const { stream: _stream, ...rest } = body
  const members = Object.entries(rest).map(([member, value]) => `  ${member}: ${printRuby(value, 2)}`)
  if (betas.length > 0)
    members.push(
      `  request_options: {extra_headers: {"anthropic-beta" => ${JSON.stringify(betas.join(','))}}}`,
    )
  const args = `(\n${members.join(',\n')}\n)`
  const use = isStreamed
    ? `client.messages.stream_raw${args}.each { |event| puts event.to_h }`
    : `message = client.messages.create${args}\nputs message.to_h`
  return `require "anthropic"\n\nclient = ${client}\n${use}\n`
}
