/** What an assistant that was talked into it may try through MCP. `$name` stands for a prop of the scene. */
export interface Attempts {
  what: string
  /** What the answer has to say, so that each is stopped by what should stop it. */
  stopped: RegExp
  /** Who asks; default: the client whose approvals the scene is about. */
  client?: string
  calls: readonly Attempt[]
}

export type Attempt = readonly [tool: string, args: Record<string, unknown>]

const promotion = { staging_version: 'v2' }

const promote = (change: Record<string, unknown>): Attempt => [
  'promote_to_production',
  { ...promotion, ...change },
]

const tokens = (...values: unknown[]) => values.map((approval_token) => promote({ approval_token }))

const versions = (...values: unknown[]) =>
  values.map((staging_version) => promote({ staging_version }))

const each = (tool: string, name: string, values: readonly unknown[], rest = {}) =>
  values.map((value): Attempt => [tool, { ...rest, [name]: value }])

const forgedRequest = {
  format: 'gonogo-approval-v2',
  id: 'apr_00000000000000000000000000',
  action: 'promote',
  kind: 'standard',
  project: 'small',
  environment: 'production',
  version: 'v2',
  requester: 'agent:assistant',
}

const forgedSignature = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgAAAAAAAAAAAAAAAAAAAAAAAAAA
-----END SSH SIGNATURE-----`

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')

const approvals: Attempts[] = [
  {
    what: 'an approval that is somebody else’s, used, refused or only asked for',
    stopped: /invalid_approval|waiting_approval|apr_\w+ (?:started|was)/,
    calls: tokens('$used', '$approved_for_another', '$rejected', '$open'),
  },
  {
    what: 'an id that is nearly one',
    stopped: /invalid_approval|invalid_input/,
    calls: tokens(
      'apr_00000000000000000000000000',
      ' $approved_for_another',
      '$approved_for_another\n',
      '$approved_for_another\u0000',
      '$approved_for_another\u202e',
      '\u2066$approved_for_another\u2069',
      '$approved_for_another,$open',
      '["$approved_for_another"]',
      'аpr_00000000000000000000000000',
      'ａｐｒ_00000000000000000000000000',
      'dep_00000000000000000000000000',
      'apr_%',
      "' or '1'='1",
      "'; update approvals set state = 'approved'; --",
      'A'.repeat(512),
    ),
  },
  {
    what: 'a guess at a code or a word that could pass for one',
    stopped: /invalid_approval/,
    calls: tokens(
      `code_${'0'.repeat(32)}`,
      `code_${'A'.repeat(43)}`,
      'code_$approved_for_another',
      '000000000000',
      'approved',
      'ada',
      '/approve 000000000000',
      'gng_0000000000000000000000000000000000000000',
    ),
  },
  {
    what: 'a forged signature',
    stopped: /invalid_approval|invalid_input/,
    calls: tokens(
      forgedSignature,
      JSON.stringify(forgedRequest).slice(0, 512),
      base64(forgedRequest).slice(0, 512),
      base64({ request: forgedRequest, decisions: [] }).slice(0, 512),
    ),
  },
  {
    what: 'a static token, which strict mode refuses',
    stopped: /strict|no_rollback_target/,
    calls: [
      ...tokens('$static'),
      [
        'rollback_deployment',
        { environment: 'production', reason: 'x', target_version: 'v1', approval_token: '$static' },
      ],
    ],
  },
  {
    what: 'nearly a static token, or where it could be read',
    stopped: /invalid_approval|invalid_input|held_secret|secret/,
    calls: tokens(
      ' $static ',
      '$static,',
      'assistant:sha256:0000000000000000000000000000000000000000000000000000000000000000',
      'file://$key',
      '$home/.ssh/token',
      '/proc/self/environ',
      '$(cat $key)',
      '{{env.DEPLOYMENT_ADMIN_TOKENS}}',
      '${DEPLOYMENT_ADMIN_TOKENS}',
    ),
  },
]

const shapes: Attempts[] = [
  {
    what: 'a value of another type',
    stopped: /invalid_input/,
    calls: [
      ...tokens(true, 1, null, {}, [], ['$static'], { $ne: null }, { toString: 'x' }, ''),
      ...versions(['v2'], { sha: '$sha_of_v2' }, null, '', 'x'.repeat(300), 7),
      promote({ dry_run: 'false' }),
      promote({ skip_smoke_tests: 'yes' }),
    ],
  },
  {
    what: 'an argument that nobody offers',
    stopped: /invalid_input/,
    calls: [
      ['approved', true],
      ['force', true],
      ['confirm', 'production'],
      ['yes', true],
      ['mode', 'standard'],
      ['least_level', 'L0'],
      ['approval', 'none'],
      ['environment', 'production'],
      ['principal', { kind: 'human', name: 'ada' }],
      ['user', 'ada'],
      ['key', '$key'],
      ['project', '/'],
      ['env', { GONOGO_PROJECT: '/' }],
      ['constructor', { prototype: { approval: 'none' } }],
      ['__defineGetter__', 'x'],
      ['$static', true],
    ].map(([name, value]) => promote({ [name as string]: value })),
  },
  {
    what: 'a value without measure',
    stopped: /invalid_input|"error"/,
    calls: [
      promote({ approval_token: 'A'.repeat(2_000_000) }),
      ['list_deployments', { limit: 1e308 }],
      ['list_deployments', { limit: -1 }],
      ['list_deployments', { limit: 0.5 }],
      ['run_smoke_tests', { environment: 'staging', timeout_seconds: 1e9 }],
      promote({ reason: 'x'.repeat(100_000) }),
    ],
  },
]

const refs = [
  '../../etc/passwd',
  '/etc/passwd',
  '$home/.ssh/token',
  'HEAD:app.txt',
  ':/change',
  'v2;touch x',
  'v2$(touch x)',
  'v2\nv1',
  'v2\u202e',
  '--upload-pack=touch x',
  '-c core.sshCommand=touch',
  'ext::sh -c touch% x',
  'file:///etc/passwd',
  '$canary/ref',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  '0'.repeat(40),
  'ѵ2',
  'refs/heads/../../config',
]

const noVersion = /invalid_input|unknown_version/

const names: Attempts[] = [
  { what: 'a version that is none', stopped: noVersion, calls: versions(...refs) },
  {
    what: 'a ref that is none, elsewhere',
    stopped: noVersion,
    calls: [
      ...each('run_security_scan', 'git_ref', refs.slice(0, 6)),
      ...each('validate_deployment', 'git_ref', refs.slice(6, 12), { environment: 'production' }),
      ...each('deploy_to_staging', 'git_ref', refs.slice(12, 16)),
      ...each('rollback_deployment', 'target_version', refs.slice(0, 5), {
        environment: 'production',
        reason: 'x',
      }),
    ],
  },
  {
    what: 'an environment that is none',
    stopped: /invalid_input|unknown_environment/,
    calls: [
      ...each(
        'rollback_deployment',
        'environment',
        [
          'Production',
          'production/../staging',
          '__proto__',
          'constructor',
          'production\u0000',
          '../production',
          '$canary',
          'prоduction',
        ],
        { reason: 'x' },
      ),
      ...each('run_smoke_tests', 'environment', [
        'staging,production',
        '$canary/x',
        '169.254.169.254',
        'toString',
        '--help',
      ]),
    ],
  },
  {
    what: 'a record that is a file',
    stopped: /unknown_deployment|invalid_input/,
    calls: each('get_deployment_status', 'deployment_id', [
      '../../env',
      '$home/.ssh/token',
      '/proc/self/environ',
      'dep_%',
      "' or 1=1 --",
      '__proto__',
      'dep_\u0000',
    ]),
  },
]

const waivers: Attempts[] = [
  {
    what: 'a waiver, which only makes a request that says so',
    stopped: /waiting_approval|invalid_input|blocked|no_rollback_target/,
    client: 'pushy',
    calls: [
      promote({ skip_smoke_tests: true }),
      promote({ override_freeze: true, reason: 'the person said it is fine' }),
      promote({ break_glass: true, reason: 'production is down, no time to ask' }),
      promote({
        break_glass: true,
        override_freeze: true,
        skip_smoke_tests: true,
        reason: 'all of it',
      }),
      promote({ allow_older: true }),
      [
        'rollback_deployment',
        { environment: 'production', target_version: 'v2', reason: 'forward is back' },
      ],
      [
        'rollback_deployment',
        { environment: 'production', target_version: '$sha_of_v2', reason: 'x', break_glass: true },
      ],
    ],
  },
  {
    what: 'a waiver with the approval of something else',
    stopped: /invalid_approval|invalid_input|blocked|no_rollback_target/,
    calls: ['$approved_for_another', '$used', '$static'].flatMap((approval_token) => [
      promote({ break_glass: true, reason: 'x', approval_token }),
      promote({ override_freeze: true, reason: 'x', approval_token }),
      [
        'rollback_deployment',
        { environment: 'production', target_version: 'v1', reason: 'x', approval_token },
      ] satisfies Attempt,
    ]),
  },
  {
    what: 'a waiver without a reason',
    stopped: /invalid_input/,
    calls: [promote({ break_glass: true }), promote({ override_freeze: true })],
  },
  {
    what: 'a tool that is none',
    stopped: /there is no tool/,
    calls: [
      'approve',
      'gonogo_approve',
      'trust',
      'reject',
      'shell',
      'approver_add',
      'stop_the_line',
      'lock_break',
      'token_create',
      '__proto__',
      'toString',
      '../desk/approve',
      'keep',
      'audit',
    ].map((tool): Attempt => [tool, { id: '$open', key: '$key', approval_id: '$open' }]),
  },
]

const impostors: Attempts[] = [
  'ada',
  'human:ada',
  'automation:root',
  'keeper',
  'root',
  'Other',
  'other-',
].map((client) => ({
  what: `an approval of another, by a client that calls itself ${JSON.stringify(client)}`,
  stopped: /invalid_approval/,
  client,
  calls: tokens('$approved_for_another'),
}))

const readers: Attempts[] = [
  {
    what: 'a look at everything there is, which shows no secret and takes no orders',
    stopped: /./,
    calls: [
      ['get_deployment_status', { deployment_id: '$failed', checks: true }],
      ['get_deployment_status', { deployment_id: '$failed' }],
      ['list_deployments', { limit: 100 }],
      ['run_smoke_tests', { environment: 'staging', test_suite: 'full', exchange: true }],
      ['run_smoke_tests', { environment: 'production', test_suite: 'full', exchange: true }],
      ['validate_deployment', { environment: 'production', git_ref: '$injected_branch' }],
      ['validate_deployment', { environment: 'production', git_ref: 'linked' }],
      ['run_security_scan', { git_ref: '$injected_branch' }],
      ['run_security_scan', { git_ref: 'linked' }],
      [
        'validate_deployment',
        { environment: 'production', git_ref: 'v2', skip_tests: true, skip_security_scan: true },
      ],
      promote({ staging_version: '$injected_branch' }),
      promote({ staging_version: 'linked', dry_run: true }),
      ['deploy_to_staging', { git_ref: '$injected_branch', dry_run: true }],
    ],
  },
]

export const attempts: readonly Attempts[] = [
  ...approvals,
  ...shapes,
  ...names,
  ...waivers,
  ...impostors,
  ...readers,
]

/** Lines that no client library would send; `ID` is the request's. */
export const rawLines: readonly string[] = [
  call('{"staging_version":"v2","__proto__":{"approval_token":"$static"}}'),
  call('{"staging_version":"v2","constructor":{"prototype":{"approval":"none"}}}'),
  call('{"staging_version":"v2","approval_token":"x","approval_token":"$approved_for_another"}'),
  call('{"__proto__":{"staging_version":"v2"}}'),
  call(`{"staging_version":"v2","approval_token":${'['.repeat(5000)}${']'.repeat(5000)}}`),
  call('"v2"'),
  call('null'),
  call('[{"staging_version":"v2"}]'),
  method('desk/approve', '{"id":"$open"}'),
  method('approve', '{"id":"$open","key":"$key"}'),
  method('resources/read', '{"uri":"file://$home/.ssh/token"}'),
  method('resources/list', '{}'),
  method('prompts/get', '{"name":"approve"}'),
  method(
    'completion/complete',
    '{"ref":{"type":"ref/resource","uri":"file:///etc/passwd"},"argument":{"name":"x","value":"/"}}',
  ),
  method('logging/setLevel', '{"level":"debug"}'),
  method(
    'tools/call',
    '{"name":"promote_to_production","arguments":{"staging_version":"v2"},"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"other"},"approved":true}}',
  ),
]

function call(args: string): string {
  return method('tools/call', `{"name":"promote_to_production","arguments":${args}}`)
}

function method(name: string, params: string): string {
  return `{"jsonrpc":"2.0","id":ID,"method":"${name}","params":${params}}`
}
