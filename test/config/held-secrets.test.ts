import { expect, it } from 'vitest'
import { secretsHeld } from '../../src/config/held-secrets.ts'
import { fakeProject } from '../support/fake-project.ts'

const secrets = { github_token: 'of-github', admin_tokens: [], plain_tokens: ['an-admin-token'] }
const project = fakeProject({
  name: 'clinic-app',
  notifications: [
    {
      name: 'team',
      kind: 'slack',
      url_env: 'TEAM_HOOK',
      secret_env: 'TEAM_SIGN',
      events: [],
      hosts: [],
    },
  ],
})
const held = (env: Record<string, string>) => secretsHeld(project, secrets, env, 'gng_own')

it('are what gonogo itself was given', () => {
  const env = {
    GONOGO_REGISTRY_PASSWORD: 'of-registry',
    GONOGO_APPROVAL_TOKEN: 'short',
    GONOGO_REVIEW_TOKEN: 'of-a-person',
    TEAM_HOOK: 'https://hooks.example.com/T1/B2',
    TEAM_SIGN: 'whsec_1',
  }
  expect(held(env).toSorted()).toEqual(
    ['of-github', 'gng_own', 'an-admin-token', ...Object.values(env)].toSorted(),
  )
})

it.each([
  'AWS_SECRET_ACCESS_KEY',
  'STRIPE_API_KEY',
  'npm_config_authToken',
  'PGPASSWORD',
  'SIGNING_KEY',
  'VAULT_TOKENS',
])('are what somebody else called one: %s', (name) => {
  expect(held({ [name]: 'of-eight-or-more' })).toContain('of-eight-or-more')
})

it.each([
  ['a place', { GONOGO_TOKEN_FILE: '/run/secrets/token', SSL_KEY_PATH: '/etc/ssl/key.pem' }],
  ['a word', { KEYBOARD: 'de-latin1-nodeadkeys', MONKEY_TYPE: 'capuchin-monkey' }],
  ['a setting', { TOKENIZERS_PARALLELISM: 'false', USE_PASSWORDS: 'on' }],
  ['a name of the project', { APP_SECRET_KEY: 'clinic-app', DEPLOY_KEY: 'production' }],
])('are not %s', (_, env) => {
  expect(held(env)).toEqual(['of-github', 'gng_own', 'an-admin-token'])
})
