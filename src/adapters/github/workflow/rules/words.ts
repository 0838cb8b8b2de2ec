const deployWords =
  /\bdeploy(?!-?pages|ments?\b|ment-status)|\brollout\b|\brelease to\b|\bgo live\b/i
const deployTools =
  /\b(?:flyctl|fly) deploy\b|\bkamal deploy\b|\bvercel\b.*--prod|\bkubectl (?:apply|set image|rollout)\b|\bhelm upgrade\b|\bcap \w+ deploy\b|\baws (?:ecs|deploy|lambda)\b|\bgcloud (?:run|app) deploy\b|\beb deploy\b|\bserverless deploy\b|\bgit push (?:heroku|dokku)\b|\bdocker(?:-| )compose\b.*\bup -d\b|\bdocker stack deploy\b|\brsync\b/

/** Whether a text, or one of its commands, is about bringing a release somewhere. */
export function deploys(text: string): boolean {
  return deployWords.test(text) || deployTools.test(text)
}

const migrateWords =
  /\bdb[:-]migrate\b|\bmigrate\b|\bmigrations?\b|\balembic upgrade\b|\bflyway\b|\bliquibase update\b|\bgoose\b.*\bup\b|\bdbmate up\b|\bschema:load\b/i
const onlyLooks =
  /--check\b|--dry-run|--plan\b|\bstatus\b|\bmakemigrations\b|\bshowmigrations\b|\blint\b/i

/** Whether it changes the schema of a database: not where it only asks about it. */
export function migrates(text: string): boolean {
  return migrateWords.test(text) && !onlyLooks.test(text)
}

/** Whether it is one of the names people give to what their users use. */
export function isProduction(name: string): boolean {
  return /(?:^|[-_ /.])(?:production|prod|prd|live)(?:$|[-_ /.])/i.test(name)
}

/** Whether it is one of the names of a place that is deployed to. */
export function isTarget(name: string): boolean {
  return (
    isProduction(name) ||
    /(?:^|[-_ /.])(?:staging|stage|stg|uat|preprod|pre-production|canary|beta|qa|dev|development)(?:$|[-_ /.])/i.test(
      name,
    )
  )
}

/** Jobs and steps that try something out, whose database is their own. */
export function isTest(text: string): boolean {
  return /\btests?\b|\btesting\b|\blint\b|\bci\b|\bcheck\b|\be2e\b|\bspecs?\b/i.test(text)
}

/** Jobs and steps after which nothing depends on how they went. */
export function isAside(text: string): boolean {
  return /notif|slack|discord|comment|announce|summary|clean[- ]?up|teardown|\bcache\b|\breport\b/i.test(
    text,
  )
}

/** Inputs that say what is to be deployed. */
export function isReleaseInput(name: string): boolean {
  return /^(?:(?:git|commit|release|image|target|deploy)[-_]?)?(?:version|commit|sha|ref|tag|revision|release|digest|image)(?:[-_](?:sha|hash|tag|ref|id))?$/i.test(
    name,
  )
}
