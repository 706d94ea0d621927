import type { BuiltInKey } from './key-ring.ts'

/** Names the secrets that can be guessed, in the terms of the operator: the variable or file that has them. */
export function findWeakSecrets(
  keys: readonly BuiltInKey[],
  {
    rootSecret,
    adminKey,
  }: { readonly rootSecret?: string | undefined; readonly adminKey?: string | undefined },
): readonly string[] {
  const secrets = keys.flatMap(({ name, secret, aws }) => [
    { name, secret },
    { name: 'ANTHOLOGY_AWS_SECRET_ACCESS_KEY', secret: aws?.secretAccessKey },
  ])
  return [
    ...secrets,
    { name: 'ANTHOLOGY_ROOT_SECRET', secret: rootSecret || undefined },
    { name: 'ANTHOLOGY_ADMIN_KEY', secret: adminKey },
  ]
    .filter(({ secret }) => secret !== undefined && isWeakSecret(secret))
    .map(({ name }) => name)
}

/** True for a secret that can be guessed: it is short, has few different characters, or is a placeholder. */
export function isWeakSecret(secret: string): boolean {
  return (
    secret.length < minSecretLength ||
    new Set(secret).size < minDifferentCharacters ||
    placeholder.test(secret)
  )
}

/** 16 random hexadecimal digits have 64 bits, too many to try over the network. */
const minSecretLength = 16

/** Among 16 random hexadecimal digits, fewer than 6 different ones occur once in 30,000 times. */
const minDifferentCharacters = 6

const placeholder = /change-?_?me|passw(?:or)?d|placeholder|your-?_?(?:api-?_?)?key|example|12345678|qwerty/i
