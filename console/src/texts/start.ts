export const startTexts = {
  lead: 'One endpoint for every Claude model. Point a client here, and its calls appear below.',
  emulated:
    'The offline emulator answers: no account, no cost, no network. Prices are what the same calls would cost.',
  live: (names: string) => `Calls go to ${names} and cost money.`,
  endpoint: 'Endpoint',
  version: 'Version',
  answers: 'Answers',
  upstreams: 'Upstreams',
  firstCall: 'First call',
  freshKey: 'Create a key for these snippets',
  freshKeyName: (time: string) => `console ${time}`,
  noFreshKey:
    'Your role does not create keys. Ask an administrator for one, and put it in place of YOUR_KEY.',
  freshKeyShown: 'This key is shown only now. It stands in the snippets below.',
  keyLabel: 'the new key',
  keyPlaceholder: 'YOUR_KEY',
  snippet: (name: string) => `Snippet for ${name}`,
  recent: 'Last calls',
  allCalls: 'All calls',
  noCalls: 'No calls yet. Paste the first call into a terminal; it appears here within a second.',
  clients: 'Point a client here',
  clientsLead: 'Every client keeps its own protocol. Only the address and the key change.',
  client: 'Client',
} as const

/** How a client is pointed at the gateway. `url` is the gateway's address, `key` a key or its placeholder. */
export interface ClientGuide {
  readonly name: string
  readonly group: 'Claude SDKs' | 'Tools' | 'Clouds' | 'Frameworks'
  readonly note?: string
  readonly snippet: (url: string, key: string) => string
}

const hello = 'Hello, Claude'
/** The catalog would double the first page; a test compares its names of the model. */
const model = 'claude-sonnet-5-5'

export const clientGuides: readonly ClientGuide[] = [
  {
    name: 'curl',
    group: 'Claude SDKs',
    snippet: (url, key) => `curl ${url}/v1/messages \\
  -H 'x-api-key: ${key}' \\
  -H 'anthropic-version: 2023-06-01' \\
  -H 'content-type: application/json' \\
  -d '{"model":"${model}","max_tokens":256,"messages":[{"role":"user","content":"${hello}"}]}'`,
  },
  {
    name: 'TypeScript',
    group: 'Claude SDKs',
    snippet: (url, key) => `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({ baseURL: '${url}', apiKey: '${key}' })
const message = await client.messages.create({
  model: '${model}',
  max_tokens: 256,
  messages: [{ role: 'user', content: '${hello}' }],
})`,
  },
  {
    name: 'Python',
    group: 'Claude SDKs',
    snippet: (url, key) => `from anthropic import Anthropic

client = Anthropic(base_url="${url}", api_key="${key}")
message = client.messages.create(
    model="${model}",
    max_tokens=256,
    messages=[{"role": "user", "content": "${hello}"}],
)`,
  },
  {
    name: 'Go',
    group: 'Claude SDKs',
    snippet: (url, key) => `client := anthropic.NewClient(
	option.WithBaseURL("${url}"),
	option.WithAPIKey("${key}"),
)
message, err := client.Messages.New(ctx, anthropic.MessageNewParams{
	Model:     "${model}",
	MaxTokens: 256,
	Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("${hello}"))},
})`,
  },
  {
    name: 'Java',
    group: 'Claude SDKs',
    snippet: (url, key) => `AnthropicClient client = AnthropicOkHttpClient.builder()
    .baseUrl("${url}")
    .apiKey("${key}")
    .build();
Message message = client.messages().create(MessageCreateParams.builder()
    .model("${model}")
    .maxTokens(256)
    .addUserMessage("${hello}")
    .build());`,
  },
  {
    name: 'Kotlin',
    group: 'Claude SDKs',
    note: 'Kotlin uses the Java SDK, com.anthropic:anthropic-java.',
    snippet: (url, key) => `val client = AnthropicOkHttpClient.builder()
    .baseUrl("${url}")
    .apiKey("${key}")
    .build()
val message = client.messages().create(MessageCreateParams.builder()
    .model("${model}")
    .maxTokens(256)
    .addUserMessage("${hello}")
    .build())`,
  },
  {
    name: 'C#',
    group: 'Claude SDKs',
    snippet: (url, key) => `AnthropicClient client = new() { BaseUrl = "${url}", ApiKey = "${key}" };
var message = await client.Messages.Create(new()
{
    Model = "${model}",
    MaxTokens = 256,
    Messages = [new() { Role = Role.User, Content = "${hello}" }],
});`,
  },
  {
    name: 'Ruby',
    group: 'Claude SDKs',
    snippet: (url, key) => `client = Anthropic::Client.new(base_url: "${url}", api_key: "${key}")
message = client.messages.create(
  model: "${model}",
  max_tokens: 256,
  messages: [{role: "user", content: "${hello}"}]
)`,
  },
  {
    name: 'PHP',
    group: 'Claude SDKs',
    snippet: (url, key) => `$client = new Anthropic\\Client(apiKey: '${key}', baseUrl: '${url}');
$message = $client->messages->create(
  model: '${model}',
  maxTokens: 256,
  messages: [['role' => 'user', 'content' => '${hello}']],
);`,
  },
  {
    name: 'Claude Code',
    group: 'Tools',
    snippet: (url, key) => `export ANTHROPIC_BASE_URL=${url}
export ANTHROPIC_AUTH_TOKEN=${key}
claude`,
  },
  {
    name: 'Cursor',
    group: 'Tools',
    note: 'In the settings of models: switch the OpenAI base URL on, add the names of the models. Cursor calls from its own servers, so they have to reach this address.',
    snippet: (url, key) => `OpenAI base URL: ${url}/v1
OpenAI API key:  ${key}`,
  },
  {
    name: 'OpenAI SDK',
    group: 'Tools',
    snippet: (url, key) => `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' })
const answer = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: '${hello}' }],
})`,
  },
  {
    name: 'Bedrock, AWS CLI and SDKs',
    group: 'Clouds',
    note: 'The key works as a Bedrock API key. For signed requests create AWS credentials with the key.',
    snippet: (url, key) => `export AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url}
export AWS_BEARER_TOKEN_BEDROCK=${key}
export AWS_REGION=us-east-1
aws bedrock-runtime converse --model-id anthropic.${model} \\
  --messages '[{"role":"user","content":[{"text":"${hello}"}]}]'`,
  },
  {
    name: 'Vertex AI',
    group: 'Clouds',
    note: 'The gateway takes the key in place of a Google access token.',
    snippet: (url, key) => `from anthropic import AnthropicVertex

client = AnthropicVertex(
    base_url="${url}/v1", access_token="${key}", project_id="any", region="global"
)
message = client.messages.create(
    model="${model}",
    max_tokens=256,
    messages=[{"role": "user", "content": "${hello}"}],
)`,
  },
  {
    name: 'LangChain',
    group: 'Frameworks',
    snippet: (url, key) => `from langchain_anthropic import ChatAnthropic

chat = ChatAnthropic(model="${model}", base_url="${url}", api_key="${key}")
chat.invoke("${hello}")`,
  },
  {
    name: 'Vercel AI SDK',
    group: 'Frameworks',
    snippet: (
      url,
      key,
    ) => `import { createAnthropic } from '@ai-sdk/anthropic'; import { generateText } from 'ai'

const anthropic = createAnthropic({ baseURL: '${url}/v1', apiKey: '${key}' })
const { text } = await generateText({ model: anthropic('${model}'), prompt: '${hello}' })`,
  },
]
