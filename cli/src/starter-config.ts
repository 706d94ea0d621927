/**
 * The first `anthology.yaml` of a user. Every example is behind `#- `: without these marks all of them together are a
 * valid configuration, as a test shows. `schema` is the path of the JSON Schema, from which editors complete the file.
 */
export function printStarterConfig(schema: string | null): string {
  return schema === null ? starter : `# yaml-language-server: $schema=${schema}\n${starter}`
}

const starter = `# The configuration of the Anthology gateway. Examples are behind '#- ': remove these marks from what you
# need. \${NAME} stands for the environment variable NAME, so that no secret is in this file.

port: 7171
host: 127.0.0.1

# Who answers. Without upstreams the offline emulator does: no account, no cost, no network. docs/upstreams.md
# has the credentials of each platform.
#- upstreams:
#-   - { name: claude, platform: anthropic, api_key: '\${ANTHROPIC_API_KEY}' } # base_url: any Messages-compatible API
#-   - { name: bedrock-us, platform: bedrock, region: us-east-1 } # the AWS default credentials
#-   - { name: vertex-eu, platform: vertex, project: my-project, location: europe-west1 } # Google's default credentials
#-   - { name: foundry, platform: foundry, resource: my-resource, api_key: '\${AZURE_KEY}' }

# Which upstream comes first. Inside a group, conversations are spread by weight and load.
#- routing:
#-   groups: [[claude], [bedrock-us, vertex-eu], [foundry]]
#-   weights: { bedrock-us: 3, vertex-eu: 1 }
#-   fallbacks: { claude-opus-4-1: [claude-sonnet-4-0] }
#-   aliases: { our-best: claude-opus-4-1 }

# Who may spend how much. Labels are the names that the header x-anthology-labels may carry.
#- workspaces: [{ name: research }]
#- labels: [project]
#- budgets:
#-   - { scope: organization, limit: '5000', window: month }
#-   - { scope: 'workspace:research', limit: '50', window: day, timezone: Europe/Berlin }
#-   - { scope: 'label:project=apollo', limit: '20', window: week, action: warn }

# What one key may use of one model in any minute.
#- rates:
#-   default: { requests_per_minute: 1000 }
`
