import { expect, it } from 'vitest'
import { placeOf } from '../../../src/setup/survey/facts.ts'
import { commandsOf, healthOf, leftOutOf, surveyOf, workflow } from './tree.ts'

const ci = '.github/workflows/ci.yml'

it('reads a pnpm workspace: tests of the workflow in their directories, a route by file', async () => {
  const facts = await surveyOf({
    'package.json': '{"scripts":{"test":"vitest","build":"next build"}}',
    'pnpm-lock.yaml': '',
    'web/package.json': '{"scripts":{"test":"vitest"}}',
    'web/src/app/(public)/api/healthz/route.ts': 'export {}',
    'prisma/migrations/1_init/migration.sql': '',
    [ci]: workflow(`- run: npm install --global pnpm
- run: pnpm install --frozen-lockfile
- run: pnpm lint
- run: |
    # twice
    pnpm --filter "@shop/api" test && pnpm build
    cd web
    pnpm test -- --run
- run: pnpm exec playwright test`),
  })
  expect(commandsOf(facts)).toEqual([
    '.$ pnpm install --frozen-lockfile',
    '.$ pnpm --filter @shop/api test',
    '.$ pnpm build',
    'web$ pnpm test -- --run',
  ])
  expect(facts.tests[0]!.commands.map(({ evidence }) => placeOf(evidence)).at(-1)).toBe(`${ci}:14`)
  expect(leftOutOf(facts)).toEqual([
    'npm install --global pnpm: it changes the machine it runs on',
    'pnpm exec playwright test: it wants a browser or a running system',
  ])
  expect(healthOf(facts)).toEqual(['api /api/healthz web/src/app/(public)/api/healthz/route.ts'])
  expect(facts.migrations[0]).toMatchObject({ framework: 'Prisma', directory: 'prisma/migrations' })
  expect(facts.stacks[0]).toMatchObject({ manager: 'pnpm', build: ['pnpm', 'run', 'build'] })
})

it('reads Django: what needs a shell or the machine is told, never guessed', async () => {
  const facts = await surveyOf({
    'manage.py': '',
    'requirements.txt': '',
    'shop/orders/migrations/0001_initial.py': '',
    'shop/urls.py':
      'urlpatterns = [\n    path("health/", views.health),\n    path("", views.up),\n]\n',
    'docker-compose.yml': `services:
  web: { build: . }
  db: { image: "postgres:16" }
  cache: { image: redis }
  jobs: { build: ., command: celery -A shop worker -l info }
  clock: { build: ., command: [celery, -A, shop, worker, --beat] }
`,
    '.env.example': 'SECRET_KEY=hunter2-of-somebody\nexport DEBUG=1\n# COMMENTED=1\n',
    [ci]: workflow(
      `- run: pip install -r requirements.txt
- run: python manage.py test
  env: { DB_PASSWORD: root }`,
      '    services: { postgres: { image: postgres } }\n',
    ),
  })
  expect(commandsOf(facts)).toEqual(['.$ python manage.py test'])
  expect(leftOutOf(facts)).toEqual([
    'pip install -r requirements.txt: it changes the machine it runs on',
  ])
  expect(facts.tests[0]).toMatchObject({ services: ['postgres'], variables: ['DB_PASSWORD'] })
  expect(healthOf(facts)).toEqual(['api /health/ shop/urls.py:2'])
  expect(facts.services.map(({ kind }) => kind)).toEqual([
    'database',
    'redis',
    'celery_worker',
    'celery_worker',
    'celery_beat',
  ])
  expect(facts.variables).toMatchObject([{ names: ['SECRET_KEY', 'DEBUG'] }])
  expect(JSON.stringify(facts)).not.toContain('hunter2')
})

it('reads FastAPI with uv and Alembic; a router may be mounted anywhere', async () => {
  const facts = await surveyOf({
    'backend/uv.lock': '',
    'backend/pyproject.toml': '[dependency-groups]\ndev = ["pytest"]\n',
    'backend/app/main.py': '@app.get("/healthz")\ndef health(): ...\n',
    'backend/app/items.py': '@router.get("/health")\ndef health(): ...\n',
    'backend/app/alembic/env.py': '',
    'backend/app/alembic/versions/1.py': '',
    [ci]: workflow('- run: docker compose exec -T api bash /app/tests.sh "of ${{ github.sha }}"'),
  })
  expect(commandsOf(facts)).toEqual(['backend$ uv sync --locked', 'backend$ uv run pytest'])
  expect(leftOutOf(facts)[0]).toMatch(/only a shell can run it$/)
  const [router, app] = facts.health
  expect([router!.path, router!.doubt]).toEqual(['/health', expect.stringContaining('prefix')])
  expect([app!.path, app!.doubt]).toEqual(['/healthz', null])
  expect(facts.migrations[0]).toMatchObject({
    framework: 'Alembic',
    directory: 'backend/app/alembic',
  })
})

it('reads Rails with Kamal and a reusable test workflow', async () => {
  const facts = await surveyOf({
    'Gemfile.lock': '',
    'bin/rails': '',
    'config/routes.rb': '  get "up" => "rails/health#show"\n',
    'config/deploy.yml':
      'service: shop\nimage: acme/shop\nproxy: { ssl: true, host: shop.acme.dev }\n',
    'config/deploy.staging.yml': 'servers: [a]\nproxy: { host: shop.example.com }\n',
    'db/migrate/20240101000000_start.rb': '',
    '.github/workflows/test.yml': `on: { workflow_call: {} }
jobs:
  test:
    steps:
      - uses: ruby/setup-ruby@v1
        with: { bundler-cache: true }
      - run: bin/rails db:setup test
      - run: bin/rails test:system
`,
    [ci]: 'on: push\njobs:\n  tests: { uses: ./.github/workflows/test.yml }\n',
  })
  expect(commandsOf(facts)).toEqual(['.$ bundle install', '.$ bin/rails db:setup test'])
  expect(healthOf(facts)).toEqual(['api /up config/routes.rb:1'])
  expect(facts.environments).toMatchObject([
    { name: 'staging', url: 'http://shop.example.com' },
    { name: 'production', url: 'https://shop.acme.dev' },
  ])
  expect(facts.images).toMatchObject([{ name: 'acme/shop' }])
  expect(facts.migrations[0]!.command).toEqual(['bin/rails', 'db:migrate'])
})

it('reads Go: a script with control flow is no command, the usual one stands in', async () => {
  const facts = await surveyOf({
    'go.mod': 'module shop\n',
    'server/main.go': '\tmux.HandleFunc("GET /healthz", ok)\n\tmux.HandleFunc("/version", v)\n',
    'server/main_test.go': '\tmux.HandleFunc("/livez", ok)\n',
    'fly.toml': "app = 'acme-shop'\n[[http_service.checks]]\npath = '/readyz'\n",
    [ci]: workflow(`- run: |
    case "\${{ matrix.part }}" in
      a) go test ./a/... ;;
    esac`),
  })
  expect(commandsOf(facts)).toEqual(['.$ go test ./...'])
  expect(facts.health.map(({ path, rank }) => [path, rank])).toEqual([
    ['/readyz', 0],
    ['/healthz', 3],
  ])
  expect(facts.version).toMatchObject([{ path: '/version' }])
  expect(facts.environments).toMatchObject([
    { name: 'production', url: 'https://acme-shop.fly.dev', evidence: { line: 1 } },
  ])
})

it('reads Rust, a matrix of commands, and the release phase of a Procfile', async () => {
  const facts = await surveyOf({
    'Cargo.lock': '',
    'diesel.toml': '',
    'migrations/1_start/up.sql': '',
    Procfile: 'web: ./server\nrelease: ./target/release/shop migrate\n',
    'src/main.rs': '        .route("/api/health", get(health))\n',
    [ci]: workflow(
      '- run: ${{ matrix.command }}',
      '    strategy: { matrix: { command: [cargo clippy, cargo test --workspace] } }\n',
    ),
  })
  expect(commandsOf(facts)).toEqual(['.$ cargo test --workspace'])
  expect(healthOf(facts)).toEqual(['api /api/health src/main.rs:1'])
  expect(facts.migrations[0]).toMatchObject({ framework: 'Diesel' })
  expect(facts.release).toMatchObject({ argv: ['./target/release/shop', 'migrate'] })
})

it('reads Spring Boot: actuator by dependency, probes of Kubernetes before it', async () => {
  const facts = await surveyOf({
    'pom.xml': '<a>\nspring-boot-starter-actuator\n</a>',
    mvnw: '',
    'src/main/resources/db/migration/V1__start.sql': '',
    'k8s/app.yml': `apiVersion: v1
kind: Service
---
apiVersion: apps/v1
spec: { template: { spec: { containers: [{ readinessProbe: { httpGet: { path: /readyz } } }] } } }
`,
    [ci]: workflow('- run: ./mvnw -B verify'),
  })
  expect(commandsOf(facts)).toEqual(['.$ ./mvnw -B verify'])
  expect(healthOf(facts)).toEqual(['api /readyz k8s/app.yml:5', 'api /actuator/health pom.xml:2'])
  expect(facts.migrations[0]).toMatchObject({ framework: 'Flyway' })
})

it('reads Laravel; a container that is not built here says nothing about its health', async () => {
  const facts = await surveyOf({
    'composer.lock': '',
    'yarn.lock': '',
    'package.json': '{"scripts":{"test":"php artisan migrate:fresh && phpunit"}}',
    artisan: '',
    'phpunit.xml': '',
    'bootstrap/app.php': "        health: '/up',\n",
    'database/migrations/2024_01_01_000000_start.php': '',
    'docker-compose.yml': `services:
  charts: { image: metabase/metabase, healthcheck: { test: [CMD, curl, "http://localhost:3000/api/health"] } }
  search: { image: getmeili/meilisearch, healthcheck: { test: [CMD, wget, "http://localhost:7700/health"] } }
`,
    '.github/workflows/tests.yml':
      'on: push\njobs:\n  tests: { uses: acme/workflows/.github/workflows/php.yml@v2 }\n',
  })
  expect(commandsOf(facts)).toEqual(['.$ composer install', '.$ php artisan test'])
  expect(leftOutOf(facts)[0]).toMatch(/another repository$/)
  expect(healthOf(facts)).toEqual(['api /up bootstrap/app.php:1'])
})

it('reads Phoenix, with a variable before the command', async () => {
  const facts = await surveyOf({
    'mix.lock': '',
    'priv/repo/migrations/20240101_start.exs': '',
    'lib/shop_web/router.ex': '    get "/health", HealthController, :show\n',
    [ci]: workflow(
      '- run: mix deps.get\n- run: MIX_ENV=test mix compile\n- run: cd other && mix test --only x\n- run: API_TOKEN=abc mix test\n- run: mix test',
    ),
  })
  expect(commandsOf(facts)).toEqual([
    '.$ mix deps.get',
    '.$ env MIX_ENV=test mix compile',
    '.$ mix test',
  ])
  expect(leftOutOf(facts)).toEqual([
    'cd other && mix test --only x: its directory is not in the repository',
    'API_TOKEN=*** mix test: only a shell can run it',
  ])
  expect(healthOf(facts)).toEqual(['api /health lib/shop_web/router.ex:1'])
})

it('reads .NET', async () => {
  const facts = await surveyOf({
    'Shop.sln': '',
    'src/Web/Program.cs':
      'app.MapHealthChecks("/health");\napp.MapHealthChecks("/health/redis");\n',
    'src/Data/Migrations/ShopModelSnapshot.cs': '',
    'src/Web/Dockerfile':
      'EXPOSE 8080\nHEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost:8080/healthz || exit 1\n',
    [ci]: workflow('- run: dotnet test ./Shop.sln --configuration Release'),
  })
  expect(commandsOf(facts)).toEqual(['.$ dotnet test ./Shop.sln --configuration Release'])
  expect(healthOf(facts)).toEqual([
    'api /healthz src/Web/Dockerfile:2',
    'api /health src/Web/Program.cs:1',
    'redis /health/redis src/Web/Program.cs:2',
  ])
  expect(facts.migrations[0]).toMatchObject({ framework: 'Entity Framework' })
  expect(facts.dockerfiles[0]!.name).toContain('port 8080')
})

const job = (environment: string, step: string) =>
  `on: push\njobs:\n  it:\n    environment: ${environment}\n    steps: [${step}]\n`

it('tells workflows that deploy from those that build images or test', async () => {
  const facts = await surveyOf({
    '.github/workflows/a.yml': job(
      '{ name: Production, url: "https://shop.acme.dev/" }',
      '{ run: kamal deploy }',
    ),
    '.github/workflows/b.yml': job(
      '"${{ inputs.target }}"',
      '{ uses: docker/build-push-action@v6, with: { images: acme/shop } }',
    ),
    '.github/workflows/deploy-staging.yml': job(
      '{ name: staging, url: "${{ steps.x.outputs.url }}" }',
      '{ run: ./go.sh }',
    ),
    '.github/workflows/test.yml': workflow('- run: npm test'),
    '.github/workflows/broken.yml': 'on: [push\njobs: {{{',
  })
  expect(facts.deploys.map(({ evidence, kind }) => `${evidence.path} ${kind}`)).toEqual([
    '.github/workflows/a.yml deploys',
    '.github/workflows/b.yml builds images',
    '.github/workflows/deploy-staging.yml deploys',
  ])
  expect(facts.environments).toMatchObject([
    { name: 'Production', url: 'https://shop.acme.dev/' },
    { name: 'staging', url: null },
  ])
  expect(facts.images).toMatchObject([{ name: 'acme/shop' }])
})
