const secret = (description: string) => ({ type: 'string', minLength: 1, description }) as const

export const upstreamName = {
  type: 'string',
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'Its name in headers, logs and the ledger. Default: the platform.',
} as const

const priceOf = (tokens: string) =>
  ({ type: 'string', description: `US dollars per million tokens of ${tokens}.` }) as const

const price = {
  type: ['string', 'object'],
  pattern: '^free$',
  additionalProperties: false,
  description:
    'free, or US dollars per million tokens as text. Default: the published prices of the platform.',
  properties: {
    input: priceOf('input'),
    output: priceOf('output'),
    cache_read: priceOf('input that is read from a cache'),
    cache_write: priceOf('input that is written to a cache'),
  },
} as const

/** The members that every upstream has. */
const shared = (baseUrl: string) =>
  ({
    name: upstreamName,
    base_url: { type: 'string', pattern: '^https?://', description: baseUrl },
    proxy: {
      type: 'string',
      pattern: '^(none$|https?://)',
      description:
        'The forward proxy to the upstream and to the source of its credential: http://host:port, http://user:password@host:port, or none. Default: the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY.',
    },
    models: {
      type: 'object',
      additionalProperties: { type: 'string', minLength: 1 },
      description:
        'Names of your own at this upstream, such as ARNs or deployments, by any name of the model. "*" stands for every model; with it, names that the catalog does not know are models outside the catalog.',
    },
    price,
    betas: {
      type: 'object',
      additionalProperties: { anyOf: [{ type: 'string', minLength: 1 }, { const: false }] },
      description:
        'Values of anthropic-beta that this upstream takes under another name, or not at all (false), besides the known ones of its platform.',
    },
  }) as const

/** The facts of models outside the catalog, such as those of a local engine. */
const foreignFacts = {
  context_tokens: {
    type: 'integer',
    minimum: 1,
    description:
      'For models outside the catalog: the context window in tokens. A longer prompt is not sent there. Default: the upstream decides.',
  },
  max_output_tokens: {
    type: 'integer',
    minimum: 1,
    description:
      'For models outside the catalog: the largest max_tokens. A request for more is not sent there. Default: the upstream decides.',
  },
  vision: {
    type: 'boolean',
    description: 'For models outside the catalog: whether they take images and documents. Default: true.',
  },
  thinking: {
    type: 'boolean',
    description:
      'For models outside the catalog: whether they think. With false, thinking and context_management are left out of requests, with a notice. Default: true.',
  },
  tools: {
    type: 'boolean',
    description: 'For models outside the catalog: whether they take tools. Default: true.',
  },
  count_tokens: {
    type: 'boolean',
    description:
      'For models outside the catalog: whether the upstream has /v1/messages/count_tokens. With false, the gateway estimates the count, with a notice. Default: true.',
  },
} as const

/** The upstreams of each platform in `anthology.yaml`. */
export const upstreamDefinitions = {
  anthropic: {
    type: 'object',
    additionalProperties: false,
    required: ['platform'],
    not: { required: ['api_key', 'auth_token'] },
    properties: {
      platform: { const: 'anthropic', description: 'The Claude API, or any other Messages-compatible API.' },
      ...shared('Any Messages-compatible API, without /v1. Default: https://api.anthropic.com.'),
      api_key: secret('Sent as x-api-key.'),
      auth_token: secret('Sent as Authorization: Bearer.'),
      ...foreignFacts,
      federation: {
        type: 'object',
        additionalProperties: false,
        required: ['rule_id', 'organization_id'],
        description:
          'Workload identity federation of the Claude API, in place of a key: the identity token of the workload is exchanged for short access tokens.',
        properties: {
          rule_id: secret('The id of the federation rule.'),
          organization_id: secret('The id of the organization.'),
          service_account_id: secret('The service account, if the rule does not decide it.'),
          workspace_id: secret('The workspace, if the rule does not decide it.'),
          identity_token_file: secret('A file with the identity token (OIDC), which its platform renews.'),
          identity_token: secret('The identity token itself.'),
        },
      },
    },
  },
  bedrock: {
    type: 'object',
    additionalProperties: false,
    required: ['platform', 'region'],
    properties: {
      platform: { const: 'bedrock', description: 'Amazon Bedrock.' },
      ...shared('What stands before /model, for private endpoints. Default: the endpoint of the region.'),
      region: {
        type: 'string',
        pattern: '^[a-z0-9-]+$',
        description: 'The AWS region that is called, such as us-east-1.',
      },
      profile: {
        enum: ['us', 'eu', 'apac', 'jp', 'au', 'ca', 'global', 'us-gov', 'none'],
        description: "Prefix of the inference profiles. Default: that of the region's geography.",
      },
      surface: {
        enum: ['invoke', 'messages', 'mantle'],
        description:
          'The API that is called: InvokeModel (default), the Messages endpoint of the runtime, or mantle.',
      },
      tokens_per_minute: {
        type: 'object',
        additionalProperties: { type: 'integer', minimum: 1 },
        description:
          'The quotas of the account in tokens per minute, by any name of the model; "*" stands for every other model. A call that does not fit goes to another upstream. With surface mantle: the quota of input tokens. Default: not known, AWS decides.',
      },
      profile_name: secret(
        'A profile of the AWS configuration files. Default: the default credential chain of AWS.',
      ),
      role_arn: secret(
        'A role to assume with these credentials. Each workspace has a session of its own, so that AWS can split the bill.',
      ),
      external_id: secret('The external id that the trust policy of the role requires.'),
      sts_url: secret('The address of STS, for interface endpoints. Default: that of the region.'),
      access_key_id: secret('An access key, with secret_access_key.'),
      secret_access_key: secret('Its secret.'),
      session_token: secret('Its session token, for temporary credentials.'),
      bearer_token: secret('A Bedrock API key, in place of AWS credentials.'),
    },
  },
  vertex: {
    type: 'object',
    additionalProperties: false,
    required: ['platform', 'project', 'location'],
    properties: {
      platform: { const: 'vertex', description: 'Google Cloud Vertex AI.' },
      ...shared(
        'What stands before /v1/projects, for private endpoints. Default: the endpoint of the location.',
      ),
      project: secret('The Google Cloud project.'),
      location: { type: 'string', pattern: '^[a-z0-9-]+$', description: 'A region, us, eu, or global.' },
      credentials_file: secret(
        'A service account or an external account. Default: the application default credentials.',
      ),
      access_token: secret('An access token, for tests and short runs.'),
    },
  },
  foundry: {
    type: 'object',
    additionalProperties: false,
    required: ['platform'],
    properties: {
      platform: { const: 'foundry', description: 'Microsoft Foundry.' },
      ...shared('Origin and /anthropic, for private endpoints. Default: the endpoint of the resource.'),
      resource: {
        type: 'string',
        pattern: '^[a-z0-9-]+$',
        description: 'The Azure resource, as in RESOURCE.services.ai.azure.com.',
      },
      hosting: {
        enum: ['azure', 'anthropic'],
        description:
          'Where its deployments are hosted. azure: it is sent no request that needs a feature which deployments hosted on Azure lack. anthropic: it may store files. Default: not known, so Foundry decides and stores no files.',
      },
      api_key: secret(
        "A key of the resource. Default: Microsoft Entra ID, with Azure's default credential chain.",
      ),
      entra: {
        type: 'object',
        additionalProperties: false,
        description:
          'An application of Microsoft Entra ID (tenant_id, client_id, client_secret), or the client_id of a managed identity. It needs the package @azure/identity.',
        properties: {
          tenant_id: secret('The tenant.'),
          client_id: secret('The application or the managed identity.'),
          client_secret: secret('The secret of the application.'),
          authority_host: {
            type: 'string',
            pattern: '^https://',
            description:
              'The address of Entra for the application, in clouds other than the public one, such as https://login.microsoftonline.us.',
          },
          scope: secret('The scope of the token. Default: https://ai.azure.com/.default.'),
        },
      },
    },
  },
} as const
