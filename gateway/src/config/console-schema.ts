/** The member `console` of the configuration. */
export const consoleSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'The web console at /console/.',
  properties: {
    url: {
      type: 'string',
      pattern: '^https?://[^/?#]+/?$',
      description:
        'Address of this server as browsers reach it, for the return from the provider of sign-in. Default: the address that the browser used.',
    },
    oidc: {
      type: 'object',
      additionalProperties: false,
      required: ['issuer', 'client_id'],
      description:
        'Sign-in through an OpenID Connect provider, with PKCE. Its redirect URI is /console/oidc/callback. Default: only one-time links and the admin key sign in.',
      properties: {
        issuer: { type: 'string', pattern: '^https?://', description: 'URL of the provider.' },
        client_id: { type: 'string', minLength: 1, description: 'The client that was registered there.' },
        client_secret: { type: 'string', minLength: 1, description: 'Its secret. Default: a public client.' },
        name: {
          type: 'string',
          minLength: 1,
          description: "Name on the button. Default: the issuer's host.",
        },
        scopes: {
          type: 'array',
          items: { type: 'string' },
          description: 'The scopes that are asked for. Default: openid, profile, email.',
        },
        groups_claim: {
          type: 'string',
          minLength: 1,
          description: 'Claim with the groups of a user. Default: groups.',
        },
        roles: {
          type: 'object',
          additionalProperties: { enum: ['admin', 'billing', 'member', 'viewer'] },
          description:
            'Role of each group. Who is in several gets the one that may do most; who is in none gets the role of the member with the same email address, and without one cannot sign in.',
        },
        workspaces: {
          type: 'object',
          additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
          description:
            'Names of the workspaces that each group may see, "*" for all. Admins see all; others in none of these groups see none. Default: everybody sees all.',
        },
      },
    },
  },
} as const
