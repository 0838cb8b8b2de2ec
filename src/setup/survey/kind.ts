import type { Ecosystem } from './facts.ts'

/** What a command is for, as far as its words say. */
export type Kind = 'install' | 'build' | 'test' | 'end to end' | 'lint' | 'machine' | 'other'

const runners =
  /^(?:(?:env(?: \w+=\S*)+|uv run(?: --\S+)*|poetry run|pipenv run|hatch run|bundle exec|npx(?: --?\S+)*|(?:pnpm|bun) exec|xvfb-run(?: -\S+)*|python3?(?: -\S+)* -m|php|time) )+/

// A value never begins with "-": two readings of one flag would cost exponential time on a long line.
const flags = String.raw`(?: (?:(?:--filter|-F|--prefix|--workspace|-C|--dir|--cwd) [^\s-]\S*|--?[\w-]+(?:=\S+)?))*`
const javascript = new RegExp(
  String.raw`^(?:npm|pnpm|yarn|bun)${flags}(?: run(?:-script)?| workspace \S+)?${flags} `,
)

const machine =
  /^(?:sudo|apt(?:-get)?|brew|apk|systemctl|service|docker|docker-compose|podman|kubectl|helm|gh|git|curl|wget|echo|sleep|mkdir|cp|mv|rm|chmod|psql|mysql|createdb|rustup|corepack|gem|az|aws|gcloud|terraform|make (?:build|initdb|install|up|start|serve))\b|\bplaywright install\b/
const global = /^(?:npm|pnpm|yarn|bun)\b.* (?:-g|--global)\b|^yarn global\b|\b(?:pip3?) install\b/

const install =
  /^(?:npm (?:ci|install|i)|pnpm (?:install|i)|bun install|yarn(?: install)?(?: --?\S+)*$|bundle install|composer install|mix (?:do )?(?:deps\.(?:get|compile)|local\.)|cargo fetch|go mod download|dotnet restore|poetry install|uv (?:sync|pip)|pipenv (?:install|sync))\b/
const endToEnd = /\be2e\b|\bplaywright\b|\bcypress\b|\bpercy\b|test:system|test:browser|\bdusk\b/i
const lint =
  /\b(?:lint|eslint|oxlint|rubocop|clippy|fmt|format|prettier|mypy|ruff|flake8|black|isort|phpstan|psalm|pint|credo|dialyzer|typecheck|type-check|tsc|brakeman|audit|biome|codecov|coveralls)\b/i
const builds =
  /^(?:dotnet build|cargo build|go (?:build|generate)|mix (?:compile|ecto\.(?!drop|reset)\S+)|prisma generate|(?:bin\/)?rails (?:db:(?!drop|reset)\S+|assets:\S+)|rake db:(?!drop|reset)\S+|nx build)\b/

const tests: readonly (readonly [RegExp, Ecosystem | null])[] = [
  [
    /^(?:vitest|jest|mocha|ava|karma|wtr|node --test|deno test|bun test|nx (?:test|run-many .*test|affected .*test)|turbo (?:run )?test|lerna run test)\b/,
    'javascript',
  ],
  [
    /^(?:pytest|tox|nox|unittest|hatch test)\b|^(?:python3? )?(?:\S+\/)?manage\.py test\b|^(?:coverage )run\b.*\b(?:pytest|manage\.py test|unittest)\b/,
    'python',
  ],
  [
    /^(?:bin\/|bundle exec )?(?:rails|rake)\b.* (?:test|spec)\b|^(?:bin\/)?rails test\b|^(?:bin\/)?rspec\b|^(?:bin\/)?rake(?: (?:test|spec)\S*)?$/,
    'ruby',
  ],
  [/^(?:go test|gotestsum|ginkgo)\b/, 'go'],
  [/^cargo (?:\+\S+ )?(?:insta test|test|nextest run|llvm-cov)\b/, 'rust'],
  [/^(?:\.\/)?mvnw?\b.* (?:test|verify|package|install)\b/, 'java'],
  [/^(?:\.\/)?gradlew?\b.* (?:\S+:)?(?:test|check|build)\b/, 'java'],
  [/^(?:\.\/)?sbt\b.*\btest\b/, 'java'],
  [/^dotnet test\b/, 'dotnet'],
  [/^mix (?:test|coveralls)\b/, 'elixir'],
  [
    /^(?:\.\/)?(?:vendor\/bin\/)?(?:phpunit|pest|paratest)\b|^artisan test\b|^composer (?:run(?:-script)? )?(?:tests?|phpunit|pest)\b/,
    'php',
  ],
  [
    /^(?:make|just|task)(?: -\S+)* (?:\S+ )*(?:tests?|check|unit-?tests?)\b|^(?:\.\/)?(?:bin|scripts?)\/(?:run[-_])?(?:static[-_])?tests?(?:\.sh)?(?: |$)/,
    null,
  ],
]

// Long enough for every real command, short enough for every pattern.
const most = 400

/** What a command does; `ecosystem` is null for a script that may test anything. */
export function kindOf(argv: readonly string[]): { kind: Kind; ecosystem: Ecosystem | null } {
  const text = argv.join(' ').slice(0, most).replace(runners, '')
  const of = (kind: Kind, ecosystem: Ecosystem | null = null) => ({ kind, ecosystem })
  if (machine.test(text) || global.test(text)) return of('machine')
  if (install.test(text)) return of('install')
  const script = javascript.test(text) ? text.replace(javascript, '') : null
  if (script !== null) return of(scriptKind(script), 'javascript')
  const test = /skipTests|-x test\b/.test(text)
    ? null
    : tests.find(([pattern]) => pattern.test(text))
  if (test) return of(endToEnd.test(text) ? 'end to end' : 'test', test[1])
  if (endToEnd.test(text)) return of('end to end')
  if (lint.test(text)) return of('lint')
  return of(builds.test(text) ? 'build' : 'other')
}

/** What a script of package.json is for, by its name. */
function scriptKind(script: string): Kind {
  const text = script.replace(runners, '')
  if (endToEnd.test(text)) return 'end to end'
  if (/^(?:tests?|t|unit|vitest|jest|mocha)(?:[:\s-]|$)/.test(text)) return 'test'
  if (lint.test(text)) return 'lint'
  return /^(?:build|compile|generate|prisma generate)(?:[:\s]|$)/.test(text) ? 'build' : 'other'
}
