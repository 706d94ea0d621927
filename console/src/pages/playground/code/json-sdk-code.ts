import { placeholders } from './code-request.ts'
import type { MessagesTarget } from './code-request.ts'
import { printGoJson, printJavaText, printPhpString } from './literals.ts'
import type { MessagesRequest } from './sdk-code.ts'

/**
 * Code for the official SDKs of the languages with types for every member. The body is JSON, and goes through what each
 * SDK has for members that it has no type for, so that all of them arrive as they stand.
 */

const goOptions: Readonly<Record<MessagesTarget, (request: MessagesRequest) => readonly string[]>> = {
  gateway: ({ baseUrl, secretName }) => [
    `option.WithBaseURL("${baseUrl}")`,
    `option.WithAPIKey(os.Getenv("${secretName}"))`,
  ],
  claude: ({ secretName }) => [`option.WithAPIKey(os.Getenv("${secretName}"))`],
  bedrock: () => ['bedrock.WithLoadDefaultConfig(ctx)'],
  vertex: ({ region }) => [`vertex.WithGoogleAuth(ctx, "${region}", "${placeholders.project}")`],
  foundry: ({ baseUrl, secretName }) => [
    `option.WithBaseURL("${baseUrl}")`,
    `option.WithAPIKey(os.Getenv("${secretName}"))`,
  ],
}

export function printGoCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed } = request
  const { stream: _stream, ...rest } = body
  const options = [...goOptions[target](request)]
  if (betas.length > 0) options.push(`option.WithHeader("anthropic-beta", "${betas.join(',')}")`)
  const packages = [
    ...['option', 'bedrock', 'vertex'].filter((name) =>
      options.some((option) => option.startsWith(`${name}.`)),
    ),
    'packages/param',
  ]
  const standard = ['context', 'encoding/json', 'fmt', ...(options.join('').includes('os.') ? ['os'] : [])]
  const call = isStreamed
    ? `	stream := client.Messages.NewStreaming(ctx, params)
	for stream.Next() {
		fmt.Println(stream.Current().RawJSON())
	}
	if err := stream.Err(); err != nil {
		panic(err)
	}`
    : `	message, err := client.Messages.New(ctx, params)
	if err != nil {
		panic(err)
	}
	fmt.Println(message.RawJSON())`
  return `package main

import (
${standard.map((name) => `\t"${name}"\n`).join('')}
\t"github.com/anthropics/anthropic-sdk-go"
${packages
  .toSorted()
  .map((name) => `\t"github.com/anthropics/anthropic-sdk-go/${name}"\n`)
  .join('')})

const body = ${printGoJson(rest)}

func main() {
\tctx := context.Background()
\tclient := anthropic.NewClient(
${options.map((option) => `\t\t${option},\n`).join('')}\t)
\tparams := param.Override[anthropic.MessageNewParams](json.RawMessage(body))
${call}
}
`
}

const javaClients: Readonly<Record<MessagesTarget, (request: MessagesRequest) => readonly string[]>> = {
  gateway: ({ baseUrl, secretName }) => [`.baseUrl("${baseUrl}")`, `.apiKey(System.getenv("${secretName}"))`],
  claude: ({ secretName }) => [`.apiKey(System.getenv("${secretName}"))`],
  bedrock: () => ['// Reads AWS_REGION and the credentials.', '.backend(BedrockBackend.fromEnv())'],
  vertex: () => [
    '// Reads ANTHROPIC_VERTEX_PROJECT_ID and CLOUD_ML_REGION.',
    '.backend(VertexBackend.fromEnv())',
  ],
  foundry: ({ secretName }) => [
    `.backend(FoundryBackend.builder()`,
    `    .resource("${placeholders.resource}")`,
    `    .apiKey(System.getenv("${secretName}"))`,
    `    .build())`,
  ],
}

const javaBackends: Readonly<Partial<Record<MessagesTarget, string>>> = {
  bedrock: 'com.anthropic.bedrock.backends.BedrockBackend',
  vertex: 'com.anthropic.vertex.backends.VertexBackend',
  foundry: 'com.anthropic.foundry.backends.FoundryBackend',
}

export function printJavaCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed } = request
  const { model, max_tokens, stream: _stream, ...rest } = body
  const backend = javaBackends[target]
  const imports = [
    ...(backend === undefined ? [] : [backend]),
    'com.anthropic.client.okhttp.AnthropicOkHttpClient',
    'com.anthropic.core.JsonValue',
    'com.anthropic.models.messages.MessageCreateParams',
    'com.fasterxml.jackson.core.type.TypeReference',
    'com.fasterxml.jackson.databind.ObjectMapper',
    'java.util.Map',
  ]
  const isNumber = Number.isSafeInteger(max_tokens)
  const params = [
    `.model("${model}")`,
    `.maxTokens(${isNumber ? `${String(max_tokens)}L` : `JsonValue.from(${JSON.stringify(max_tokens ?? null)})`})`,
    '.messages(body.remove("messages"))',
    '.additionalBodyProperties(body)',
    ...(betas.length > 0 ? [`.putAdditionalHeader("anthropic-beta", "${betas.join(',')}")`] : []),
    '.build();',
  ]
  const chain = (lines: readonly string[]) => lines.map((line) => `            ${line}\n`).join('')
  const use = isStreamed
    ? `        try (var stream = client.messages().createStreaming(params)) {
            stream.stream().forEach(System.out::println);
        }`
    : '        System.out.println(client.messages().create(params));'
  return `${imports
    .toSorted()
    .map((name) => `import ${name};\n`)
    .join('')}
class Call {
    public static void main(String[] args) throws Exception {
        var client = AnthropicOkHttpClient.builder()
${chain([...javaClients[target](request), '.build();'])}        Map<String, JsonValue> body = new ObjectMapper().readValue(${printJavaText(rest)}, new TypeReference<>() {});
        var params = MessageCreateParams.builder()
${chain(params)}${use}
    }
}
`
}

const csharpClients: Readonly<Record<MessagesTarget, (request: MessagesRequest) => string>> = {
  gateway: ({ baseUrl, secretName }) =>
    `new AnthropicClient { BaseUrl = "${baseUrl}", ApiKey = Environment.GetEnvironmentVariable("${secretName}") }`,
  claude: ({ secretName }) =>
    `new AnthropicClient { ApiKey = Environment.GetEnvironmentVariable("${secretName}") }`,
  bedrock: () =>
    `new AnthropicBedrockClient(
    // Reads AWS_REGION and the credentials.
    (await AnthropicBedrockCredentialsHelper.FromEnv())!
)`,
  vertex: ({ region }) =>
    `new AnthropicVertexClient(new AnthropicVertexCredentials("${region}", "${placeholders.project}"))`,
  foundry: ({ secretName }) =>
    `new AnthropicFoundryClient(new AnthropicFoundryApiKeyCredentials(Environment.GetEnvironmentVariable("${secretName}")!, "${placeholders.resource}"))`,
}

const csharpPackages: Readonly<Record<MessagesTarget, string>> = {
  gateway: 'Anthropic',
  claude: 'Anthropic',
  bedrock: 'Anthropic.Bedrock',
  vertex: 'Anthropic.Vertex',
  foundry: 'Anthropic.Foundry',
}

/** Three quotes in a row, which would end the text, do not occur in JSON. */
export function printCsharpCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed } = request
  const { stream: _stream, ...rest } = body
  const beta = `{ ["anthropic-beta"] = JsonSerializer.SerializeToElement("${betas.join(',')}") }`
  const use = isStreamed
    ? `await foreach (var chunk in client.Messages.CreateStreaming(parameters))
    Console.WriteLine(chunk);`
    : `var message = await client.Messages.Create(parameters);
Console.WriteLine(message);`
  return `using System.Text.Json;
using ${csharpPackages[target]};
using Anthropic.Models.Messages;

var body = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""
${JSON.stringify(rest, null, 2)}
""")!;
var headers = new Dictionary<string, JsonElement>${betas.length > 0 ? ` ${beta}` : '()'};
var client = ${csharpClients[target](request)};
var parameters = MessageCreateParams.FromRawUnchecked(headers, new Dictionary<string, JsonElement>(), body);
${use}
`
}

const phpClients: Readonly<Record<MessagesTarget, (request: MessagesRequest) => string>> = {
  gateway: ({ baseUrl, secretName }) =>
    `new Anthropic\\Client(apiKey: getenv('${secretName}'), baseUrl: '${baseUrl}')`,
  claude: ({ secretName }) => `new Anthropic\\Client(apiKey: getenv('${secretName}'))`,
  bedrock: ({ region }) => `Anthropic\\Bedrock\\Client::fromEnvironment(region: '${region}')`,
  vertex: ({ region }) =>
    `Anthropic\\Vertex\\Client::fromEnvironment(location: '${region}', projectId: '${placeholders.project}')`,
  foundry: ({ secretName }) =>
    `Anthropic\\Foundry\\Client::withCredentials(apiKey: getenv('${secretName}'), resource: '${placeholders.resource}')`,
}

/** `json_decode` reads objects as objects: as arrays, the empty ones would be sent as lists. */
export function printPhpCode(request: MessagesRequest): string {
  const { target, body, betas, isStreamed } = request
  const { model, max_tokens, messages, stream: _stream, ...rest } = body
  const use = isStreamed
    ? `foreach ($client->messages->createStream(...$parameters) as $event) {
    var_dump($event);
}`
    : 'var_dump($client->messages->create(...$parameters));'
  const headers =
    betas.length > 0 ? `        'extraHeaders' => ['anthropic-beta' => '${betas.join(',')}'],\n` : ''
  return `<?php
require 'vendor/autoload.php';

$body = json_decode(<<<'JSON'
${JSON.stringify({ messages, ...rest }, null, 2)}
JSON);
$client = ${phpClients[target](request)};
$parameters = [
    'model' => ${printPhpString(model)},
    'maxTokens' => ${JSON.stringify(max_tokens ?? null)},
    // Replaced by those of the body, which the SDK sends as they are.
    'messages' => [],
    'requestOptions' => [
        'extraBodyParams' => (array) $body,
${headers}    ],
];
${use}
`
}
